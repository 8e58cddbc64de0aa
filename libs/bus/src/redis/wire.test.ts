import { silentLogger } from "@openvibe/core";
import { expect, inject, test } from "vitest";
import { openProxy } from "../contract/proxy.ts";
import { eventually, quietFor, thrownBy } from "../contract/support.ts";
import { parseRedisUrl } from "./options.ts";
import { openWire } from "./wire.ts";

async function openBehind() {
  const proxy = await openProxy(inject("redisUrl"));
  const wire = await openWire({ address: parseRedisUrl(proxy.url), name: "wire", logger: silentLogger, pingEveryMs: 60 }, 5_000);
  return {
    proxy,
    wire,
    async [Symbol.asyncDispose]() {
      await wire.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

test("a server that falls silent is lost, what waits for it is told, and it is found again when it speaks", async () => {
  await using place = await openBehind();
  place.proxy.freeze();

  const waiting = thrownBy(() => place.wire.call(["GET", "nothing"]));
  await eventually(() => !place.wire.connected, "the silence is noticed");
  place.proxy.cut();
  await place.proxy.mend();
  await eventually(() => place.wire.connected, "it is connected again");

  expect(await waiting).toBeInstanceOf(Error);
  expect(await place.wire.call(["PING"])).toBe("PONG");
});

test("a command that blocks for less than two pings keeps its connection", async () => {
  await using place = await openBehind();
  let lost = 0;
  place.wire.onChange(() => void lost++);

  await place.wire.call(["BLPOP", "nothing:at:all", "0.1"]);
  await quietFor(200);

  expect(lost).toBe(0);
});

test("closing while it is being made again ends it", async () => {
  await using place = await openBehind();
  place.proxy.cut();
  await eventually(() => !place.wire.connected, "the loss is noticed");

  await place.wire.close();

  expect(place.wire.connected).toBe(false);
});
