import { expect, test } from "vitest";
import { thrownBy } from "../contract/support.ts";
import { toConnectionOptions } from "./options.ts";

test.each([
  { servers: "nats://127.0.0.1:4222", expected: { servers: ["127.0.0.1:4222"] } },
  { servers: "broker", expected: { servers: ["broker"] } },
  { servers: "nats://a:1, nats://b:2/", expected: { servers: ["a:1", "b:2"] } },
  { servers: ["tls://a:1", "b:2"], expected: { servers: ["a:1", "b:2"] } },
  { servers: "nats://[::1]:4222", expected: { servers: ["[::1]:4222"] } },
  { servers: "nats://me:p%40ss@a:1,nats://b:2", expected: { servers: ["a:1", "b:2"], user: "me", pass: "p@ss" } },
  { servers: "nats://me:a:b%zz@a:1", expected: { servers: ["a:1"], user: "me", pass: "a:b%zz" } },
  { servers: "nats://t0ken@a:1", expected: { servers: ["a:1"], token: "t0ken" } },
])("the servers $servers are read as $expected", ({ servers, expected }) => {
  expect(toConnectionOptions({ servers, name: "test" })).toMatchObject(expected);
});

test.each(["", "http://a:1", "nats://", "nats://a b"])("%j is no server, and the error holds no password", async (servers) => {
  expect(await thrownBy(() => toConnectionOptions({ servers, name: "test" }))).toMatchObject({ code: "OV_CONFIG_INVALID" });
});

test("each connection gets options of its own: the client writes into them", () => {
  const options = { servers: ["a:1"], name: "test", tls: {} };

  const [one, two] = [toConnectionOptions(options), toConnectionOptions(options)];

  expect(one).not.toBe(two);
  expect(one.servers).not.toBe(options.servers);
  expect(one.tls).not.toBe(options.tls);
});
