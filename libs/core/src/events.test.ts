import { describe, expect, test } from "vitest";
import { isEventType, type OpenVibeEvent, parsePublishedType, toCloudEvent, toEvent } from "./events.ts";

const BAD_FORM = [
  "",
  ".",
  "lead.",
  ".lead",
  "lead..qualified",
  "Lead.qualified",
  "lead qualified",
  "lead.*",
  "lead.>",
  "lead/qualified",
  "_lead",
  "-",
  "a.b.c.d.e",
  "a".repeat(33),
  "lead.qualified\n",
  "läad",
];

describe("a type that user code publishes", () => {
  test.each([
    "lead.qualified",
    "lead_qualified",
    "lead",
    "a.b.c.d",
    "deal-at-risk",
    "2026.forecast",
    "runs.started", // not "run."
    "rerun.wanted",
    "nodes",
    "streaming.started",
    "a".repeat(32),
  ])("may be %s", (type) => {
    expect(parsePublishedType(type)).toBe(type);
    expect(isEventType(type)).toBe(true);
  });

  test.each(BAD_FORM)("may not be %j", (type) => {
    expect(isEventType(type)).toBe(false);
    expect(() => parsePublishedType(type)).toThrow(expect.objectContaining({ code: "OV_EVENT_TYPE_INVALID" }));
    expect(() => parsePublishedType(type)).toThrow(/up to four words of a-z, 0-9, _ and - joined by dots, such as "lead\.qualified"/);
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  test.each([
    [1n, "of type bigint"],
    [cycle, "of type object"],
    [null, "of type null"],
    [undefined, "of type undefined"],
    [Symbol("lead"), "of type symbol"],
    [["lead"], "of type object"],
  ])("may be no other value (%s)", (type, shown) => {
    expect(isEventType(type)).toBe(false);
    expect(() => parsePublishedType(type)).toThrow(`event type ${shown} is not allowed`);
  });

  test("is shown shortened when it is long", () => {
    expect(() => parsePublishedType("x".repeat(100_000))).toThrow(/^event type "x{80}" is not allowed/);
  });

  test.each(["run", "node", "llm", "context", "operator", "stream", "subscription"])("may not begin with %s.", (word) => {
    expect(() => parsePublishedType(`${word}.anything`)).toThrow(`types that begin with "${word}." or "${word}_" are OpenVibe's own`);
  });

  // On a subject dots become `_`: a node that publishes `run_completed` would take the place of the event that ends its run.
  test.each(["run_completed", "run_dead_lettered", "run_timed.out", "node_completed", "context_updated", "operator_registered"])(
    "may not be %s, which looks like one of OpenVibe's own on a subject",
    (type) => {
      expect(() => parsePublishedType(type)).toThrow(expect.objectContaining({ code: "OV_EVENT_TYPE_INVALID" }));
    },
  );
});

const RUN = { runId: "run_1", operatorId: "revenue_ops", workflowId: "lead_qualification" };
const TIME = "2026-11-22T10:30:00.000Z";

describe("an event of a run", () => {
  test("is named by its run and its number", () => {
    expect(toEvent(RUN, 7, { type: "node.completed", time: TIME, node_id: "score", data: { duration_ms: 3 } })).toStrictEqual({
      ...RUN,
      id: "run_1:7",
      type: "node.completed",
      time: TIME,
      nodeId: "score",
      sequence: 7,
      data: { duration_ms: 3 },
    });
  });

  test("need not be a node's", () => {
    expect(toEvent(RUN, 0, { type: "run.queued", time: TIME, data: {} })).toMatchObject({ id: "run_1:0", nodeId: null, sequence: 0 });
  });
});

describe("an event on the wire", () => {
  test("is a CloudEvent 1.0 with our extensions", () => {
    const event = toEvent(RUN, 0, { type: "lead.qualified", time: TIME, node_id: "score", data: { lead: 1 } });

    expect(toCloudEvent({ ...event, traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })).toStrictEqual({
      specversion: "1.0",
      id: "run_1:0",
      source: "/operators/revenue_ops",
      type: "lead.qualified",
      subject: "runs/run_1",
      time: TIME,
      datacontenttype: "application/json",
      operatorid: "revenue_ops",
      workflowid: "lead_qualification",
      runid: "run_1",
      nodeid: "score",
      sequence: 0,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      data: { lead: 1 },
    });
  });

  test("leaves out what it has not: CloudEvents knows no null attributes", () => {
    const outside: OpenVibeEvent = {
      id: "context-leads:3f2a9c01b7de:12",
      type: "context.updated",
      time: TIME,
      operatorId: null,
      workflowId: null,
      runId: null,
      nodeId: null,
      sequence: null,
      data: { key: "stripe" },
    };

    expect(toCloudEvent(outside)).toStrictEqual({
      specversion: "1.0",
      id: "context-leads:3f2a9c01b7de:12",
      source: "/",
      type: "context.updated",
      time: TIME,
      datacontenttype: "application/json",
      data: { key: "stripe" },
    });
  });

  test("has attribute names of lower-case letters and digits only, as the standard wants", () => {
    const event = toEvent(RUN, 3, { type: "lead.qualified", time: TIME, node_id: "score", data: {} });

    for (const name of Object.keys(toCloudEvent(event))) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });
});
