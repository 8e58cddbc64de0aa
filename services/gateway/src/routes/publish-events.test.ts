/** Events from outside: three forms, all or none, once for each source and id, stored before the answer. */
import { MAX_EVENT_DATA_BYTES, type OpenVibeEvent } from "@openvibe/core";
import { createAuth, type HashedKey, hashOfKey } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";

const CLOUD = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";
const cloudEvent = (given: object = {}) => ({
  specversion: "1.0",
  id: "1",
  source: "https://crm.example/leads",
  type: "lead.replied",
  data: { lead_id: "a" },
  ...given,
});

const publish = (gateway: GatewayUnderTest, body: unknown, type = "application/json", headers: Record<string, string> = {}) =>
  gateway.ask("POST", "/v1/events", {
    headers: { "content-type": type, ...headers },
    payload: typeof body === "string" ? body : JSON.stringify(body),
  });
async function stored({ bus }: GatewayUnderTest): Promise<readonly OpenVibeEvent[]> {
  const events: OpenVibeEvent[] = [];
  for await (const { event } of bus.log.read(0, {}, new AbortController().signal)) events.push(event);
  return events;
}

describe("events from outside", () => {
  test("a plain one is stored as nobody's, with an id of its own, before the answer", async () => {
    await using gateway = await openGateway();

    const response = await publish(gateway, { type: "lead.replied", data: { lead_id: "a" }, time: "2026-11-22T11:30:00+01:00" });

    expect(response.statusCode).toBe(202);
    const [event] = await stored(gateway);
    expect(response.json()).toEqual({ events: [{ id: event?.id, type: "lead.replied", replayed: false }] });
    expect(event).toMatchObject({ operatorId: null, runId: null, time: "2026-11-22T10:30:00.000Z", data: { lead_id: "a" } });
    expect((await publish(gateway, { type: "lead.replied" })).json().events[0].id).not.toBe(event?.id);
  });

  test("a CloudEvent keeps its source; sent again it is told as there already, and is stored once", async () => {
    await using gateway = await openGateway();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    const first = await publish(gateway, cloudEvent({ partitionkey: "x" }), `${CLOUD}; charset=utf-8`, { traceparent });
    const again = await publish(gateway, cloudEvent({ data: { other: true } }), CLOUD);

    expect([first.statusCode, again.statusCode]).toEqual([202, 202]);
    expect(again.json()).toEqual({ events: [{ ...first.json().events[0], replayed: true }] });
    expect(await stored(gateway)).toMatchObject([{ source: "https://crm.example/leads", data: { lead_id: "a" }, traceparent }]);
  });

  test("the same id of another source is another event", async () => {
    await using gateway = await openGateway();

    await publish(gateway, [cloudEvent(), cloudEvent({ source: "/other" }), cloudEvent()], BATCH);

    expect(await stored(gateway)).toHaveLength(2);
  });

  test("of a batch with one that is wrong none is stored, and the place is named", async () => {
    await using gateway = await openGateway();

    const response = await publish(gateway, [cloudEvent(), cloudEvent({ id: "2", type: "Lead Replied" })], BATCH);

    expect(response.json()).toMatchObject({ status: 422, code: "OV_EVENT_TYPE_INVALID", errors: [{ pointer: "/1/type" }] });
    expect(await stored(gateway)).toEqual([]);
  });

  test.each([
    ["an empty body", "", "application/json", 400, "OV_BODY_REQUIRED", undefined],
    ["no object", "[]", "application/json", 400, "OV_REQUEST_INVALID", ""],
    ["a field that is misspelt", { typ: "x" }, "application/json", 400, "OV_UNKNOWN_FIELD", "/typ"],
    ["no type", {}, "application/json", 422, "OV_EVENT_TYPE_INVALID", "/type"],
    ["a type of OpenVibe's own", { type: "run.compleeted" }, "application/json", 422, "OV_EVENT_TYPE_INVALID", "/type"],
    ["a type that would be one on the wire", { type: "run_completed" }, "application/json", 422, "OV_EVENT_TYPE_INVALID", "/type"],
    ["a wildcard", { type: ">" }, "application/json", 422, "OV_EVENT_TYPE_INVALID", "/type"],
    ["data that is no object", { type: "a", data: [1] }, "application/json", 400, "OV_REQUEST_INVALID", "/data"],
    ["reserved keys", '{"type":"a","data":{"__proto__":1}}', "application/json", 400, "OV_RESERVED_KEY", "/data/__proto__"],
    ["keys given twice", '{"type":"a","type":"b"}', "application/json", 400, "OV_DUPLICATE_KEY", undefined],
    ["a time that is none", { type: "a", time: "tomorrow" }, "application/json", 400, "OV_REQUEST_INVALID", "/time"],
    ["an id with control characters", { type: "a", id: "a\nb" }, "application/json", 400, "OV_REQUEST_INVALID", "/id"],
    ["a long id", { type: "a", id: "x".repeat(300) }, "application/json", 400, "OV_REQUEST_INVALID", "/id"],
    ["a source with spaces", { type: "a", source: "my crm" }, "application/json", 400, "OV_REQUEST_INVALID", "/source"],
    [
      "data above 64 KB",
      { type: "a", data: { text: "é".repeat(MAX_EVENT_DATA_BYTES / 2) } },
      "application/json",
      413,
      "OV_BODY_TOO_LARGE",
      "/data",
    ],
    ["another version", cloudEvent({ specversion: "0.3" }), CLOUD, 400, "OV_REQUEST_INVALID", "/specversion"],
    ["no source", cloudEvent({ source: undefined }), CLOUD, 400, "OV_REQUEST_INVALID", "/source"],
    ["an attribute that is none", cloudEvent({ My_Key: 1 }), CLOUD, 400, "OV_UNKNOWN_FIELD", "/My_Key"],
    ["binary data", cloudEvent({ data_base64: "AA==" }), CLOUD, 400, "OV_REQUEST_INVALID", "/data_base64"],
    ["XML inside", cloudEvent({ datacontenttype: "application/xml" }), CLOUD, 400, "OV_REQUEST_INVALID", "/datacontenttype"],
    ["an empty batch", [], BATCH, 400, "OV_REQUEST_INVALID", ""],
    ["a batch of 101", Array.from({ length: 101 }, () => cloudEvent()), BATCH, 400, "OV_REQUEST_INVALID", ""],
    ["a batch that is one event", cloudEvent(), BATCH, 400, "OV_REQUEST_INVALID", ""],
    ["XML", "<a/>", "application/xml", 415, "OV_MEDIA_TYPE_UNSUPPORTED", undefined],
    ["another charset", cloudEvent(), `${CLOUD}; charset=utf-16`, 415, "OV_MEDIA_TYPE_UNSUPPORTED", undefined],
  ] as const)("%s is refused, and nothing is stored", async (_, body, type, status, code, pointer) => {
    await using gateway = await openGateway();

    const response = await publish(gateway, body, type);

    expect(response.json()).toMatchObject({ status, code, ...(pointer === undefined ? {} : { errors: [{ pointer }] }) });
    expect(await stored(gateway)).toEqual([]);
  });

  test("other routes take JSON alone as before", async () => {
    await using gateway = await openGateway();

    expect((await gateway.activate({ trigger: "query" }, { "content-type": CLOUD })).statusCode).toBe(415);
  });

  test("a log that cannot take it is a 503, and the same request later is stored", async () => {
    await using gateway = await openGateway();
    const body = cloudEvent();
    gateway.database.exec("ALTER TABLE bus_events RENAME TO away");

    expect((await publish(gateway, body, CLOUD)).json()).toMatchObject({ status: 503, code: "OV_BUS_UNAVAILABLE" });
    gateway.database.exec("ALTER TABLE away RENAME TO bus_events");

    expect((await publish(gateway, body, CLOUD)).json()).toMatchObject({ events: [{ replayed: false }] });
    expect(await stored(gateway)).toHaveLength(1);
  });

  test("a key needs the scope run, and must be for all operators: the event is for all of them", async () => {
    const keys: readonly HashedKey[] = [
      { name: "reader", hash: hashOfKey("ov_reader"), scopes: ["read"] },
      { name: "runner", hash: hashOfKey("ov_runner"), scopes: ["run"] },
      { name: "intel", hash: hashOfKey("ov_intel"), scopes: ["run"], operators: ["company_intel"] },
    ];
    await using gateway = await openGateway({ auth: createAuth({ keys }) });
    const as = async (name: string) =>
      (await publish(gateway, { type: "a" }, undefined, { authorization: `Bearer ov_${name}` })).statusCode;

    expect([await as("reader"), await as("runner"), await as("intel"), await as("nobody")]).toEqual([403, 202, 403, 401]);
  });
});
