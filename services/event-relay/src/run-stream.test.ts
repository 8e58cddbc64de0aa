import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openMemoryBus } from "@openvibe/bus/memory";
import { type LiveEvent, NO_METRICS, newRunId, type RunId, toIso } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { anEvent, appendMany, aRunEvent, insertRun } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { type Ground, openMemoryGround, startRelay, watch } from "./test-rig/relay.ts";

const TYPES = ["run.queued", "run.started", "node.completed", "lead.qualified", "run.completed"];

function live(runId: RunId, number: number, type = "llm.delta"): LiveEvent {
  return {
    type,
    time: toIso(Date.now()),
    operatorId: "sales",
    workflowId: "greet",
    runId,
    nodeId: "say",
    attempt: 1,
    number,
    data: { text: `t${number}` },
  };
}

/** A run that has ended, in the store as well as (with all its events) in the log. */
async function endRun({ bus, store }: Pick<Ground, "bus" | "store">, runId: RunId, { publish = TYPES.length } = {}): Promise<void> {
  const owner = "worker-1";
  await store.runs.claim({ runId, wake: 0, owner });
  await store.runs.write({
    runId,
    attempt: 1,
    step: 1,
    status: "completed",
    state: {},
    position: null,
    metrics: NO_METRICS,
    outbox: { from: 0, events: publish === TYPES.length ? [] : [{ type: "run.completed", time: toIso(Date.now()), data: {} }] },
    output: {},
  });
  for (const [sequence, type] of TYPES.slice(0, publish).entries()) await bus.log.append(aRunEvent(runId, sequence, type));
  if (publish === TYPES.length) await store.runs.markSent({ runId, sequence: TYPES.length - 1 });
}

const pathOf = (runId: RunId, operatorId = "sales") => `/v1/operators/${operatorId}/runs/${runId}/stream`;

describe("a run's stream", () => {
  test("tells the run from its first event, live ones between, and ends after the last", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    const { runId } = await insertRun(ground.store);
    await appendMany(ground.bus.log, 3);
    await ground.bus.log.append(aRunEvent(runId, 0, "run.queued"));
    await using client = watch(relay.url + pathOf(runId), { reconnect: false });
    await client.connected;
    await expect.poll(() => client.types()).toEqual(["run.queued"]);

    await ground.bus.log.append(aRunEvent(runId, 1, "run.started"));
    await expect.poll(() => client.types()).toContain("run.started");
    for (const number of [0, 1]) ground.bus.signals.live(live(runId, number));
    ground.bus.signals.live(live(newRunId(Date.now()), 0));
    await expect.poll(() => client.types()).toContain("llm.delta");
    await ground.bus.log.append(anEvent());
    await ground.bus.log.append(aRunEvent(runId, 2, "run.completed"));

    await client.done;
    expect(client.types()).toEqual(["run.queued", "run.started", "llm.delta", "llm.delta", "run.completed"]);
    const delta = client.messages[2];
    expect(delta?.id).toBeUndefined();
    expect(delta?.lastEventId).toBe(client.messages[1]?.id);
    expect(JSON.parse(delta?.data ?? "")).toMatchObject({
      type: "llm.delta",
      runid: runId,
      nodeid: "say",
      attempt: 1,
      number: 0,
      data: { text: "t0" },
    });
    await expect.poll(() => relay.relay.openStreams).toBe(0);
  });

  test("replays a run that ended long ago, and ends; who comes back with its last cursor gets 204", async () => {
    await using ground = openMemoryGround();
    const { runId } = await insertRun(ground.store);
    await endRun(ground, runId);
    await appendMany(ground.bus.log, 100);
    await using relay = await startRelay(ground, { limits: { maxEntries: 20 } });
    const statuses: number[] = [];

    await using client = watch(relay.url + pathOf(runId), { onConnect: ({ status }) => void statuses.push(status) });
    await client.done; // the client's own reconnect is what asks again

    expect(client.types()).toEqual(TYPES);
    expect(statuses).toEqual([200, 204]);
  });

  test("goes on after a cursor in the middle of the run, in another relay, too", async () => {
    await using ground = openMemoryGround();
    await using one = await startRelay(ground);
    await using two = await startRelay(ground);
    const { runId } = await insertRun(ground.store);
    await using whole = watch(one.url + pathOf(runId));
    await whole.connected;
    await endRun(ground, runId);
    await whole.done;

    await using rest = watch(two.url + pathOf(runId), { lastEventId: whole.messages[2]?.lastEventId ?? "" });
    await rest.done;

    expect(rest.types()).toEqual(TYPES.slice(3));
  });

  test("waits for the last event of a run that is final in the store but not yet in the log", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    const { runId } = await insertRun(ground.store);
    await endRun(ground, runId, { publish: 4 });
    await using client = watch(relay.url + pathOf(runId));
    await expect.poll(() => client.types()).toEqual(TYPES.slice(0, 4));
    await sleep(50); // proves that the stream stays open
    expect(client.connections).toBe(1);

    await ground.bus.log.append(aRunEvent(runId, 4, "run.completed"));

    await expect.poll(() => client.types()).toEqual(TYPES);
    await ground.store.runs.markSent({ runId, sequence: 4 });
  });

  test("says stream.gap and ends when the log has forgotten how the run ended", async () => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const { runId } = await insertRun(ground.store);
    await endRun({ ...ground, bus }, runId);
    await appendMany(bus.log, 5);
    database.exec("DELETE FROM bus_events WHERE position <= 7");
    await using relay = await startRelay({ ...ground, bus });

    await using client = watch(relay.url + pathOf(runId));
    await client.done; // ended by 204: nothing more will come

    expect(client.types()).toEqual(["stream.gap"]);
    expect(client.connections).toBe(2);
  });

  test("says stream.gap first when only the run's beginning is forgotten", async () => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const { runId } = await insertRun(ground.store);
    await endRun({ ...ground, bus }, runId);
    database.exec("DELETE FROM bus_events WHERE position <= 2");
    await using relay = await startRelay({ ...ground, bus });

    await using client = watch(relay.url + pathOf(runId));
    await client.done;

    expect(client.types()).toEqual(["stream.gap", ...TYPES.slice(2)]);
  });

  test("begins the run again after stream.reset for a cursor that means nothing any more", async () => {
    await using ground = openMemoryGround();
    const { runId } = await insertRun(ground.store);
    await endRun(ground, runId);
    await using relay = await startRelay(ground);

    await using client = watch(relay.url + pathOf(runId), { lastEventId: "epoch0.3.AAAAAAAA" });
    await client.done;

    expect(client.types()).toEqual(["stream.reset", ...TYPES]);
  });

  test("holds live events back until what was stored before them is sent", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    const { runId } = await insertRun(ground.store);
    await log.append(aRunEvent(runId, 0, "run.queued"));
    await using relay = await startRelay(
      { ...ground, bus: { log, signals: ground.bus.signals } },
      { limits: { maxEntries: 1, preload: 0 } },
    );
    await appendMany(log, 5);
    const reading = Promise.withResolvers<void>();
    const read = log.read.bind(log);
    log.read = async function* (...args) {
      await reading.promise;
      yield* read(...args);
    };
    await using client = watch(relay.url + pathOf(runId));
    await client.connected;

    ground.bus.signals.live(live(runId, 0, "node.started"));
    await sleep(50); // proves that nothing overtakes
    expect(client.types()).toEqual([]);
    reading.resolve();

    await expect.poll(() => client.types()).toEqual(["run.queued", "node.started"]);
  });

  test("is not there for an unknown run, another operator's run, or a wrong id", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    const { runId } = await insertRun(ground.store);
    const ask = async (url: string, headers = {}) => {
      const response = await relay.app.inject({ url, headers });
      return [response.statusCode, response.json().code];
    };

    expect(await ask(pathOf(newRunId(Date.now())))).toEqual([404, "OV_RUN_NOT_FOUND"]);
    expect(await ask(pathOf(runId, "support"))).toEqual([404, "OV_RUN_NOT_FOUND"]);
    expect(await ask(pathOf("..%2f..%2fetc"))).toEqual([400, "OV_ID_INVALID"]);
    expect(await ask(`${pathOf(runId)}?types=run.completed`)).toEqual([400, "OV_PARAMETER_INVALID"]);
    expect(await ask(pathOf(runId), { "last-event-id": "run_1:3" })).toEqual([400, "OV_EVENT_ID_INVALID"]);
    expect(await ask(pathOf(runId), { accept: "application/json" })).toEqual([406, "OV_NOT_ACCEPTABLE"]);
  });

  test("answers 503 to a first request when the bus is away, and tells one that comes back to wait", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: ground.bus.signals } });
    const { runId } = await insertRun(ground.store);
    log.isDown = true;

    const first = await fetch(relay.url + pathOf(runId));
    const back = await fetch(relay.url + pathOf(runId), { headers: { "last-event-id": "epoch1.9.AAAAAAAA" } });

    expect(first.status).toBe(503);
    expect(await first.json()).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
    expect([back.status, await back.text()]).toEqual([200, expect.stringMatching(/^retry: \d+\n\n$/)]);
  });

  test("leaves nothing behind when its client goes", async () => {
    await using ground = openMemoryGround();
    let ears = 0;
    const { signals } = ground.bus;
    const onLive = signals.onLive.bind(signals);
    signals.onLive = async (filter, hear) => {
      const ear = await onLive(filter, hear);
      ears++;
      return {
        [Symbol.dispose]: () => {
          ears--;
          ear[Symbol.dispose]();
        },
      };
    };
    await using relay = await startRelay(ground);
    const { runId } = await insertRun(ground.store);
    {
      await using client = watch(relay.url + pathOf(runId));
      await client.connected;
      await expect.poll(() => [ears, relay.relay.openStreams]).toEqual([1, 1]);
    }

    await expect.poll(() => [ears, relay.relay.openStreams]).toEqual([0, 0]);
  });
});

describe("a relay whose Last-Event-ID is broken on purpose", () => {
  test("loses what a client missed: the fault that the resume tests must notice", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { faults: { ignoreLastEventId: true } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(ground.bus.log, 3);
    await expect.poll(() => first.messages.length).toBe(3);

    await using back = watch(relay.stream, { lastEventId: first.messages[0]?.lastEventId ?? "" });
    await back.connected;
    await ground.bus.log.append(anEvent({ data: { n: 9 } }));

    await expect.poll(() => back.numbers()).toEqual([9]);
  });
});
