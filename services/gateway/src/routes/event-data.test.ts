import { type JsonObject, splitData } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";

const LARGE: JsonObject = { text: "Zoë ".repeat(30_000) };

/** A run with three events: `run.queued`, a small one, a large one. What is given as sent lies in the log, as the bus of a server stores it. */
async function aRun(gateway: GatewayUnderTest, { sent }: { readonly sent: boolean }) {
  const runId = await gateway.start();
  const { claimed } = await gateway.store.runs.claim({ runId, wake: 0, owner: "worker-1" });
  if (claimed === undefined) throw new Error("not claimed");
  const time = "2026-11-22T10:30:00.000Z";
  const more = [
    { type: "lead.seen", time, data: { n: 1 } },
    { type: "lead.read", time, data: LARGE },
  ];
  const events = [...claimed.outbox.events, ...more];
  const { run, outbox } = claimed;
  const write = { runId, attempt: 1, step: 1, status: "running", state: {}, position: null, metrics: run.metrics } as const;
  await gateway.store.runs.write({ ...write, outbox: { from: outbox.from, events } });
  if (sent) {
    for (const [index, pending] of events.entries()) {
      const ids = { runId, operatorId: run.operatorId, workflowId: run.workflowId, nodeId: null };
      const { event, kept } = splitData({ ...pending, ...ids, id: `${runId}:${index}`, sequence: index });
      if (kept !== undefined) await gateway.store.eventData.put({ ...ids, sequence: index }, kept);
      await gateway.bus.log.append(event);
    }
    await gateway.store.runs.markSent({ runId, sequence: events.length - 1 });
  }
  const path = `/v1/operators/company_intel/runs/${runId}/events`;
  const data = (sequence: number | string) => gateway.ask("GET", `${path}/${sequence}/data`);
  return { runId, path, data };
}

describe.each([
  ["not sent yet", { sent: false }],
  ["in the log", { sent: true }],
])("an event %s", (_where, options) => {
  test("refers to large data, and its address gives them", async () => {
    await using gateway = await openGateway();
    const { path, data } = await aRun(gateway, options);

    const events = (await gateway.ask("GET", path)).json<{ data: JsonObject[] }>().data;
    const answer = await gateway.ask("GET", String(events[2]?.dataref));

    expect(events.map(({ sequence, data: carried, dataref }) => [sequence, carried !== undefined, dataref])).toEqual([
      [0, true, undefined],
      [1, true, undefined],
      [2, false, `${path}/2/data`],
    ]);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json()).toEqual(LARGE);
    expect((await data(1)).json()).toEqual({ n: 1 });
  });

  test("that is not there is a clear 404, and so is one of another operator", async () => {
    await using gateway = await openGateway();
    const { runId, data } = await aRun(gateway, options);

    for (const answer of [await data(3), await gateway.ask("GET", `/v1/operators/desk/runs/${runId}/events/2/data`)]) {
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: "OV_EVENT_NOT_FOUND" });
    }
    for (const sequence of ["-1", "one", "1.5", "9999999999", "%00"])
      expect((await data(sequence)).json()).toMatchObject({ status: 400, code: "OV_ID_INVALID" });
  });
});

test("large data outlives their run", async () => {
  await using gateway = await openGateway();
  const { runId, data } = await aRun(gateway, { sent: true });
  await gateway.store.runs.cancel({ operatorId: "company_intel", runId, event: { type: "run.cancelled", time: "", data: {} } });
  await gateway.store.runs.writeCancelled({
    ...{ runId, attempt: 1, step: 2, state: {}, position: null, outbox: { from: 3, events: [] } },
    metrics: (await gateway.allRuns())[0]?.metrics as never,
  });
  await new Promise((resolve) => setTimeout(resolve, 5)); // older than a millisecond

  expect(await gateway.store.sweep.purge({ keepMs: 1, limit: 10 })).toBe(1);

  expect(await gateway.allRuns()).toEqual([]);
  expect((await data(2)).json()).toEqual(LARGE);
});
