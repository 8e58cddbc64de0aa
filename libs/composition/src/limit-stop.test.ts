import { once } from "node:events";
import { silentLogger } from "@openvibe/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseConfig } from "./config.ts";
import { limitStop } from "./limit-stop.ts";
import { openAdapters } from "./open-adapters.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

async function openScene() {
  const config = parseConfig({ OPENVIBE_STORE: "memory", OPENVIBE_DRAIN_TIMEOUT_MS: "2000" });
  const { store, bus } = await openAdapters(config, { name: "limit", logger: silentLogger });
  const stop = new AbortController();
  const limit = limitStop({ config, store, bus, logger: silentLogger, signal: stop.signal });
  return { store, bus, stop, limit };
}

test("a stop that is not done drainTimeoutMs and 5 s after its beginning finds store and bus closed; closing them again is fine", async () => {
  const { store, bus, stop } = await openScene();
  vi.advanceTimersByTime(60_000);
  stop.abort();
  vi.advanceTimersByTime(6_999);
  await store.ping(100);
  await bus.ping(100);

  vi.advanceTimersByTime(1);

  await expect(store.ping(100)).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
  await expect(bus.ping(100)).rejects.toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
  await store[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
});

test.each(["before", "after"] as const)("one that is done %s it was asked for closes nothing", async (when) => {
  const { store, bus, stop, limit } = await openScene();
  await using _store = store;
  await using _bus = bus;
  const asked = once(stop.signal, "abort");
  if (when === "after") stop.abort();
  limit[Symbol.dispose]();
  if (when === "before") stop.abort();
  await asked;

  vi.advanceTimersByTime(60_000);

  await store.ping(100);
  await bus.ping(100);
});
