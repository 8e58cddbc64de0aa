import { describe, expect, test } from "vitest";
import { MAX_EVENT_DATA_BYTES, splitData } from "./dataref.ts";
import { type OpenVibeEvent, toCloudEvent, toEvent } from "./events.ts";

const OVERHEAD = JSON.stringify({ text: "" }).length;

function anEvent(text: string, more: Partial<OpenVibeEvent> = {}): OpenVibeEvent {
  const run = { runId: "run_a", operatorId: "shop", workflowId: "w" };
  return { ...toEvent(run, 7, { type: "lead.seen", time: "2026-11-22T10:30:00.000Z", data: { text } }), ...more };
}

describe("data of an event", () => {
  test.each([
    ["one byte a character", "x".repeat(MAX_EVENT_DATA_BYTES - OVERHEAD)],
    ["three bytes a character", "€".repeat((MAX_EVENT_DATA_BYTES - OVERHEAD - 1) / 3)],
  ])("travels with it up to 64 KB, counted in bytes: %s", (_what, text) => {
    const event = anEvent(text);

    expect(splitData(event)).toEqual({ event });
    expect(splitData(anEvent(`${text}xxx`)).kept).toBe(JSON.stringify({ text: `${text}xxx` }));
  });

  test("is left out of a larger one, which says where it is", () => {
    const { event } = splitData(anEvent("x".repeat(MAX_EVENT_DATA_BYTES)));

    expect(event).toMatchObject({ id: "run_a:7", type: "lead.seen", sequence: 7, data: {} });
    expect(toCloudEvent(event)).not.toHaveProperty("data");
    expect(toCloudEvent(event)).toMatchObject({ id: "run_a:7", dataref: "/v1/operators/shop/runs/run_a/events/7/data" });
    expect(splitData(event)).toEqual({ event });
  });

  test("stays where there is no run to refer to", () => {
    const event = anEvent("x".repeat(MAX_EVENT_DATA_BYTES), { runId: null, sequence: null });

    expect(splitData(event)).toEqual({ event });
  });
});
