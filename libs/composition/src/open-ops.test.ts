import { openMemoryBus } from "@openvibe/bus/memory";
import { silentLogger } from "@openvibe/core";
import { createAuth, createHttpServer } from "@openvibe/http";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { createMetrics } from "@openvibe/telemetry";
import { expect, test } from "vitest";
import { type Ops, openOps } from "./open-ops.ts";

async function openWorld(ops: { readonly host: string; readonly port: number } | undefined) {
  await using starting = new AsyncDisposableStack();
  const store = starting.use(openSqliteStore({ path: ":memory:" }));
  const bus = starting.use(openMemoryBus({ database: store.database }));
  const stop = new AbortController();
  const metrics = createMetrics({ processMetrics: false });
  const opened: Ops = starting.use(await openOps({ config: { ops }, store, bus, metrics, logger: silentLogger, stopping: stop.signal }));
  const main = createHttpServer({ logger: silentLogger, metrics, auth: createAuth({ keys: ["ov_key"] }) });
  await main.register(opened.routes);
  const stack = starting.move();
  return { store, ops: opened, main, stop, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const own = { host: "127.0.0.1", port: 0 };
const ask = async (url: string | undefined, path: string) => {
  const response = await fetch(`${url}${path}`);
  return [response.status, ((await response.json()) as { code?: string; status?: string }).code] as const;
};

test("a port of their own has probes and metrics, without a key, and the main port has none", async () => {
  await using world = await openWorld(own);
  world.ops.ready();

  expect(await ask(world.ops.url, "/livez")).toEqual([200, undefined]);
  expect(await ask(world.ops.url, "/readyz")).toEqual([200, undefined]);
  expect(await (await fetch(`${world.ops.url}/metrics`)).text()).toContain("# TYPE ");
  for (const url of ["/livez", "/readyz", "/metrics"]) {
    expect((await world.main.inject({ url, headers: { authorization: "Bearer ov_key" } })).statusCode).toBe(404);
  }
});

test("readiness follows the process: starting, ready, without its store, stopping; it lives throughout", async () => {
  await using world = await openWorld(own);
  const { url } = world.ops;

  expect(await ask(url, "/readyz")).toEqual([503, "OV_STARTING"]);
  world.ops.ready();
  expect(await ask(url, "/readyz")).toEqual([200, undefined]);
  await world.store[Symbol.asyncDispose]();
  expect(await ask(url, "/readyz")).toEqual([503, "OV_STORE_UNAVAILABLE"]);
  world.stop.abort();
  expect(await ask(url, "/readyz")).toEqual([503, "OV_SHUTTING_DOWN"]);
  expect(await ask(url, "/livez")).toEqual([200, undefined]);
});

test("without a port of their own they stand on the main port, where metrics need a key", async () => {
  await using world = await openWorld(undefined);
  world.ops.ready();

  expect(world.ops.url).toBeUndefined();
  expect((await world.main.inject("/readyz")).statusCode).toBe(200);
  expect((await world.main.inject("/metrics")).statusCode).toBe(401);
  expect((await world.main.inject({ url: "/metrics", headers: { authorization: "Bearer ov_key" } })).statusCode).toBe(200);
});

test("a port that is taken is refused by its own name", async () => {
  await using world = await openWorld(own);
  const port = Number(new URL(world.ops.url ?? "").port);

  await expect(openWorld({ ...own, port })).rejects.toThrow(
    `address 127.0.0.1:${port} is taken by another process; choose another with OPENVIBE_OPS_PORT (0 takes any free one)`,
  );
});
