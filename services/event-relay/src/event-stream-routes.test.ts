import { OpenVibeError } from "@openvibe/core";
import { type HashedKey, hashOfKey } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { registerOperators } from "./test-rig/events.ts";
import { openMemoryGround, startRelay, watch } from "./test-rig/relay.ts";

describe("a request for the event stream", () => {
  test.each([
    ["application/json as Accept", "", { accept: "application/json" }, 406, "OV_NOT_ACCEPTABLE"],
    ["garbage as Last-Event-ID", "", { "last-event-id": "garbage" }, 400, "OV_EVENT_ID_INVALID"],
    ["a negative Last-Event-ID", "", { "last-event-id": "-1" }, 400, "OV_EVENT_ID_INVALID"],
    ["1e30 as Last-Event-ID", "", { "last-event-id": "1e30" }, 400, "OV_EVENT_ID_INVALID"],
    ["garbage as last_event_id", "?last_event_id=garbage", {}, 400, "OV_EVENT_ID_INVALID"],
    [
      "garbage as last_event_id beside a good header",
      "?last_event_id=null",
      { "last-event-id": "0156y6uqnky14dlw.15.WNSE-xuz" },
      400,
      "OV_EVENT_ID_INVALID",
    ],
    ["a wrong type", "?types=run.%3E", {}, 400, "OV_PARAMETER_INVALID"],
    ["43: a type that is misspelt", "?types=run.compleeted", {}, 400, "OV_PARAMETER_INVALID"],
    ["43: a bucket that is none", "?bucket=leads", {}, 400, "OV_PARAMETER_INVALID"],
    ["43: an operator that there is not", "?operator=suport", {}, 404, "OV_OPERATOR_NOT_FOUND"],
    ["a wrong operator", "?operator=..%2F", {}, 400, "OV_PARAMETER_INVALID"],
    ["two runs", "?run_id=a&run_id=b", {}, 400, "OV_PARAMETER_INVALID"],
    ["an unknown parameter", "?typo=1", {}, 400, "OV_PARAMETER_INVALID"],
  ])("with %s is refused", async (_, query, headers, status, code) => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);

    const response = await relay.app.inject({ url: `/v1/events/stream${query}`, headers });

    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code });
  });

  test("43: for an operator that there is not tells the nearest there is, to a key for some operators only of those", async () => {
    await using ground = openMemoryGround();
    await registerOperators(ground.store, "support", "sales");
    const keys: readonly HashedKey[] = [
      { name: "all", hash: hashOfKey("ov_all"), scopes: ["read"] },
      { name: "few", hash: hashOfKey("ov_few"), scopes: ["read"], operators: ["suport", "sales"] },
    ];
    await using relay = await startRelay(ground, { keys });
    const ask = async (key: string) =>
      await relay.app.inject({ url: "/v1/events/stream?operator=suport", headers: { authorization: `Bearer ${key}` } });

    expect((await ask("ov_all")).json()).toMatchObject({ code: "OV_OPERATOR_NOT_FOUND", did_you_mean: ["support"] });
    expect((await ask("ov_few")).json()).toMatchObject({ code: "OV_OPERATOR_NOT_FOUND", did_you_mean: [] });
  });

  test("of an operator that was removed meanwhile goes on for who comes back, and the store's outage keeps nobody out", async () => {
    await using ground = openMemoryGround();
    const manifests = { list: () => Promise.reject(new OpenVibeError("OV_STORE_UNAVAILABLE", "injected")) };
    await using up = await startRelay(ground, { newEpoch: () => "epoch1" });
    await using down = await startRelay({ ...ground, store: { ...ground.store, manifests: { ...ground.store.manifests, ...manifests } } });

    await using back = watch(`${up.stream}?operator=gone`, { lastEventId: "epoch1.0.-" });
    await using first = watch(`${down.stream}?operator=gone`);

    await Promise.all([back.connected, first.connected]);
  });

  test("is refused when the server, or a key, has as many streams as it may", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { keys: ["k1", "k2"], limits: { maxStreams: 3, maxStreamsPerKey: 2 } });
    const open = (key: string) => fetch(relay.stream, { headers: { authorization: `Bearer ${key}` } });
    const answers = [await open("k1"), await open("k1"), await open("k1"), await open("k2"), await open("k2")];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200, 429]);
    expect(answers[2]?.headers.get("retry-after")).toBe("5");
    expect(await answers[4]?.json()).toMatchObject({ code: "OV_TOO_MANY_STREAMS" });
    await Promise.all(answers.map(({ body }) => (body?.locked === false ? body.cancel() : undefined)));
    await expect.poll(() => relay.relay.openStreams).toBe(0);
    await using client = watch(relay.stream, { headers: { authorization: "Bearer k1" } });
    await client.connected;
  });
});
