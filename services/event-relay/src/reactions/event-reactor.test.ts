/** What events cause: runs of those they trigger, wake-ups of those who wait; once, whatever dies or comes twice. */
import { DatabaseSync } from "node:sqlite";
import { openMemoryBus } from "@openvibe/bus/memory";
import {
  type JsonObject,
  MAX_HOPS,
  manifestVersion,
  matchKeyOf,
  NO_METRICS,
  newRunId,
  newToken,
  type OpenVibeEvent,
  type OperatorManifest,
  type StepManifest,
  silentLogger,
  systemClock,
} from "@openvibe/core";
import { createAcceptor } from "@openvibe/runtime";
import { describe, expect, test } from "vitest";
import { digestOf } from "../cursor.ts";
import { anEvent, insertRun } from "../test-rig/events.ts";
import { FaultyLog } from "../test-rig/faulty-log.ts";
import { type Ground, openMemoryGround, openNatsGround } from "../test-rig/relay.ts";
import { createEventReactor, type EventReactorOptions, REACTIONS } from "./event-reactor.ts";

/** Names that nobody else has: the broker is shared. */
const fresh = () => newToken().slice(0, 8);

function anOperator(id: string, triggers: Readonly<Record<string, string>>, steps: readonly StepManifest[] = []): OperatorManifest {
  const workflow = {
    id: "work",
    triggers: Object.entries(triggers).map(([trigger, on]) => ({ id: trigger, on })),
    state_fields: ["lead"],
    input_schema: { type: "object" },
    steps,
  };
  return { id, name: id, answers: {}, workflows: [workflow] };
}

async function startReactor(ground: Ground, options: Partial<EventReactorOptions> = {}) {
  const deadLetters: { reason: string; body: JsonObject }[] = [];
  const signals = {
    ...ground.bus.signals,
    deadLetter: async (letter: { reason: string; body: JsonObject }) => void deadLetters.push(letter),
  };
  const bus = { log: ground.bus.log, queue: ground.bus.queue, signals };
  const deps = { store: ground.store, clock: systemClock, logger: silentLogger };
  const acceptor = createAcceptor({ ...deps, bus: ground.bus });
  const reactor = createEventReactor({ ...deps, bus, acceptor, lookEveryMs: 20, takeOverMs: 100, ...options });
  await reactor.start();
  return {
    deadLetters,
    async [Symbol.asyncDispose]() {
      await reactor[Symbol.asyncDispose]();
      await acceptor[Symbol.asyncDispose]();
    },
  };
}

const register = ({ store }: Ground, manifest: OperatorManifest) => store.manifests.register(manifest, manifestVersion(manifest));
const runsOf = ({ store }: Ground, operatorId: string) => store.runs.list({ operatorId }, { limit: 100 });
/** Resolves when an event that was stored later has been reacted to. */
async function caughtUp(ground: Ground): Promise<void> {
  const [id, type] = [`op${fresh()}`, `mark_${fresh()}`];
  await register(ground, anOperator(id, { t: `event:${type}` }));
  await ground.bus.log.append(anEvent({ type }));
  await expect.poll(async () => (await runsOf(ground, id)).length, { timeout: 10_000 }).toBe(1);
}

describe.each([
  ["memory", async () => openMemoryGround()],
  ["nats", openNatsGround],
] as const)("over %s", (_, openGround) => {
  test("an event starts one run for each trigger that it meets, with its data and itself; a repetition starts none", async () => {
    await using ground = await openGround();
    const [id, type] = [`op${fresh()}`, `lead.q_${fresh()}`];
    await register(
      ground,
      anOperator(id, { any: `event:${type}`, self: `event:self:${type}`, named: `event:sales:${type}`, other: "event:x" }),
    );
    await using _reactor = await startReactor(ground);
    const event = anEvent({ type, operatorId: "sales", data: { lead: "ann", extra: 1 } });

    await ground.bus.log.append(event);
    await ground.bus.log.append(anEvent({ type: "never.heard", operatorId: id }));
    await caughtUp(ground);
    await ground.bus.log.append(event);
    await caughtUp(ground);

    const runs = await runsOf(ground, id);
    expect(runs.map(({ trigger }) => trigger).toSorted()).toEqual(["any", "named"]);
    for (const run of runs) {
      expect(run).toMatchObject({ status: "queued", input: { lead: "ann" }, ignoredInput: ["extra"] });
      expect(await ground.store.runs.findCause(run.runId)).toMatchObject({ event: { id: event.id, type, data: event.data }, hops: 1 });
    }
    await ground.bus.log.append(anEvent({ type, operatorId: id, data: {} }));
    await expect
      .poll(async () => (await runsOf(ground, id)).map(({ trigger }) => trigger).toSorted())
      .toEqual(["any", "any", "named", "self"]);
  });

  test("events that came while no relay lived are caught up with, those reacted to are not read again", async () => {
    await using ground = await openGround();
    const [id, type] = [`op${fresh()}`, `t_${fresh()}`];
    await register(ground, anOperator(id, { t: `event:${type}` }));
    await using first = await startReactor(ground);
    await ground.bus.log.append(anEvent({ type }));
    await caughtUp(ground);
    await first[Symbol.asyncDispose]();
    const events = Array.from({ length: 150 }, () => anEvent({ type }));
    await Promise.all(events.map((event) => ground.bus.log.append(event)));

    await using _second = await startReactor(ground);

    await expect.poll(async () => (await ground.store.runs.list({ operatorId: id }, { limit: 200 })).length, { timeout: 10_000 }).toBe(151);
  });

  test("of several relays one is at work; when its position stands still another one takes over; nothing is done twice", async () => {
    await using ground = await openGround();
    const [id, type] = [`op${fresh()}`, `t_${fresh()}`];
    await register(ground, anOperator(id, { t: `event:${type}` }));
    // A relay that was killed: its name stands there, and it moves no more.
    const { last } = await ground.bus.log.bounds();
    const shared: Ground = { ...ground, store: { ...ground.store, exclusive: false } };
    await ground.store.settings.replace(REACTIONS.key, undefined, `${last}.- reactor-killed`);
    await using _one = await startReactor(shared);
    await using _other = await startReactor(shared);

    await Promise.all(Array.from({ length: 20 }, () => ground.bus.log.append(anEvent({ type }))));

    await expect.poll(async () => (await runsOf(ground, id)).length, { timeout: 10_000 }).toBe(20);
    await caughtUp(shared);
    expect(await runsOf(ground, id)).toHaveLength(20);
    expect(await ground.store.settings.get(REACTIONS.key)).not.toContain("killed");
  });

  test("an event wakes who waits for it, and is kept for who begins to wait later", async () => {
    await using ground = await openGround();
    const [id, type] = [`op${fresh()}`, `t_${fresh()}`];
    const wait: StepManifest = { kind: "wait", id: "reply", event: { types: [type], needed: 1, match: ["lead"] } };
    await register(ground, anOperator(id, {}, [{ kind: "loop", id: "l", max_iterations: 2, body: [wait] }]));
    await using _reactor = await startReactor(ground);
    const { runId } = await insertRun(ground.store);
    const matchKey = matchKeyOf({ lead: "ann" });
    const aWait = { runId, step: 0, wake: 0, since: 0, events: [{ type, matchKey }], needed: 1 };
    await ground.store.eventWaits.open(aWait);
    const { claimed } = await ground.store.runs.claim({ runId, wake: 0, owner: "worker" });
    const write = { runId, attempt: 1, step: 1, status: "waiting", state: {}, position: "reply", metrics: NO_METRICS } as const;
    await ground.store.runs.write({ ...write, outbox: claimed?.outbox ?? { from: 0, events: [] } });

    await ground.bus.log.append(anEvent({ type, data: { lead: "bob" } }));
    await ground.bus.log.append(anEvent({ type, data: { lead: "ann", n: 1 } }));

    await expect.poll(() => ground.store.runs.find(runId), { timeout: 10_000 }).toMatchObject({ status: "queued", wake: 1 });
    const [arrived] = await ground.store.eventWaits.close({ runId, step: 0, empty: false });
    expect(arrived).toMatchObject({ type, event: { data: { lead: "ann", n: 1 } } });
    const later = await ground.store.eventWaits.open({ ...aWait, runId: newRunId(Date.now()), step: 3 });
    expect(later).toMatchObject([{ event: { data: { lead: "ann" } } }]);
  });
});

test("a run still gets what it waits for when its operator's new version waits for it no more", async () => {
  await using ground = openMemoryGround();
  await using _reactor = await startReactor(ground);
  const wait = {
    runId: "run_old",
    step: 0,
    wake: 0,
    since: 0,
    events: [{ type: "was.wanted", matchKey: matchKeyOf({ lead: "ann" }) }],
    fields: ["lead"],
    needed: 1,
  };
  await ground.store.eventWaits.open(wait);

  await ground.bus.log.append(anEvent({ type: "was.wanted", data: { lead: "ann" } }));

  await expect.poll(() => ground.store.eventWaits.open(wait)).toHaveLength(1);
});

test("runs that start each other by events come to an end, which is told", async () => {
  await using ground = openMemoryGround();
  await register(ground, anOperator("ring", { t: "event:go" }));
  await using reactor = await startReactor(ground);
  const event = (runId: string | null): OpenVibeEvent =>
    anEvent({ id: `go ${runId}`, type: "go", runId, operatorId: runId === null ? null : "ring" });
  let runId: string | null = null;

  for (let hops = 1; hops <= MAX_HOPS; hops++) {
    await ground.bus.log.append(event(runId));
    await expect.poll(async () => (await runsOf(ground, "ring")).length, { timeout: 10_000 }).toBe(hops);
    const found: (string | undefined)[] = await Promise.all(
      (await runsOf(ground, "ring")).map(async (run) => ((await ground.store.runs.countHops(run.runId)) === hops ? run.runId : undefined)),
    );
    runId = found.find((one) => one !== undefined) ?? null;
    expect(runId).not.toBeNull();
  }
  await ground.bus.log.append(event(runId));
  await caughtUp(ground);

  expect(await runsOf(ground, "ring")).toHaveLength(MAX_HOPS);
  expect(reactor.deadLetters).toMatchObject([
    { reason: "event_loop", body: { run_id: runId, to_operator_id: "ring", trigger: "t", hops: 17 } },
  ]);
});

test("an event from which no run can be made is told, and holds nothing back", async () => {
  await using ground = openMemoryGround();
  await register(ground, anOperator("desk", { t: "event:odd" }));
  await using reactor = await startReactor(ground);

  await ground.bus.log.append(anEvent({ type: "odd", data: { lead: { lc: 1, type: "constructor", id: ["nope"] } } as JsonObject }));
  await ground.bus.log.append(anEvent({ type: "odd" }));

  await expect.poll(async () => (await runsOf(ground, "desk")).length).toBe(1);
  expect(reactor.deadLetters).toMatchObject([{ reason: "event_refused", body: { type: "odd", trigger: "t" } }]);
});

test("large data, which is kept beside the log, is the run's input all the same", async () => {
  await using ground = openMemoryGround();
  await register(ground, anOperator("desk", { t: "event:large" }));
  await using _reactor = await startReactor(ground);
  const address = { operatorId: "sales", runId: "run_a", sequence: 3 };
  await ground.store.eventData.put(address, JSON.stringify({ lead: "x".repeat(70_000) }));

  await ground.bus.log.append(anEvent({ type: "large", ...address, dataref: "/v1/operators/sales/runs/run_a/events/3/data" }));

  await expect.poll(async () => (await runsOf(ground, "desk"))[0]?.input).toEqual({ lead: "x".repeat(70_000) });
});

test("a trigger with a filter starts runs of events that have its values only", async () => {
  await using ground = openMemoryGround();
  const manifest = anOperator("desk", {});
  const [workflow] = manifest.workflows;
  if (workflow === undefined) throw new Error("no workflow");
  const triggers = [{ id: "t", on: "event:lead", filter: { region: "emea", hot: true, "lead.tags.0": "vip" } }];
  await register(ground, { ...manifest, workflows: [{ ...workflow, triggers }] });
  await using _reactor = await startReactor(ground);

  for (const data of [
    { region: "emea", lead: { tags: ["vip"] } },
    { region: "emea", hot: "true", lead: { tags: ["vip"] } },
    { region: "apac", hot: true, lead: { tags: ["vip"] } },
    { region: "emea", hot: true, lead: { tags: ["new", "vip"] } },
    { region: "emea", hot: true, lead: "vip" },
    { hot: true, region: "emea", lead: { tags: ["vip"] } },
  ])
    await ground.bus.log.append(anEvent({ type: "lead", data }));
  await caughtUp(ground);

  expect((await runsOf(ground, "desk")).map(({ input }) => input)).toEqual([{ lead: { tags: ["vip"] } }]);
});

test("a log that was lost is reacted to from its new beginning, and an outage is waited out", async () => {
  await using ground = openMemoryGround();
  const log = new FaultyLog(ground.bus.log);
  const faulty: Ground = { ...ground, bus: { ...ground.bus, log } };
  await register(ground, anOperator("desk", { t: "event:lead" }));
  await using _reactor = await startReactor(faulty);
  for (let n = 0; n < 5; n++) await log.append(anEvent({ type: "lead" }));
  await expect.poll(async () => (await runsOf(ground, "desk")).length).toBe(5);
  await using second = openMemoryBus({ database: new DatabaseSync(":memory:") });
  await second.log.append(anEvent({ type: "lead", id: "of the new log" }));

  log.isDown = true;
  await log.exchange(second.log);
  log.isDown = false;

  await expect.poll(async () => (await runsOf(ground, "desk")).length, { timeout: 10_000 }).toBe(6);
});

test("a log that was made anew and ends where the lost one did is noted as another one", async () => {
  await using ground = openMemoryGround();
  const log = new FaultyLog(ground.bus.log);
  await register(ground, anOperator("desk", { t: "event:lead" }));
  await using _reactor = await startReactor({ ...ground, bus: { ...ground.bus, log } });
  const stored = () => ground.store.settings.get(REACTIONS.key);
  await log.append(anEvent({ type: "lead", id: "of the old log" }));
  await expect.poll(stored).toContain(`1.${digestOf("of the old log")} `);
  await using second = openMemoryBus({ database: new DatabaseSync(":memory:") });
  await second.log.append(anEvent({ type: "lead", id: "of the new log" }));

  await log.exchange(second.log);

  await expect.poll(stored, { timeout: 5_000 }).toContain(`1.${digestOf("of the new log")} `);
});

test("events of a debounced trigger start one run with the last; of two relays neither makes a second one", async () => {
  await using ground = openMemoryGround();
  const debounced = anOperator("crm", { t: "event:lead.changed" });
  const [work] = debounced.workflows;
  if (work === undefined) throw new Error("no workflow");
  const debounce = { wait_ms: 150, key: "lead" };
  await register(ground, { ...debounced, workflows: [{ ...work, triggers: [{ id: "t", on: "event:lead.changed", debounce }] }] });
  const shared: Ground = { ...ground, store: { ...ground.store, exclusive: false } };
  await using one = await startReactor(shared);
  await using _other = await startReactor(shared);

  for (const n of [1, 2, 3])
    for (const lead of ["ann", "bob"]) await ground.bus.log.append(anEvent({ id: `${lead}${n}`, type: "lead.changed", data: { lead, n } }));
  await ground.bus.log.append(anEvent({ type: "lead.changed", data: { lead: { first: "ann" } } }));
  await caughtUp(shared);
  await expect.poll(async () => (await runsOf(ground, "crm")).length, { timeout: 10_000 }).toBe(2);

  const runs = await runsOf(ground, "crm");
  const causes = await Promise.all(runs.map(({ runId }) => ground.store.runs.findCause(runId)));
  const ids = causes.map((cause) => (cause?.kind === "event" ? cause.event.id : undefined));
  expect(ids.toSorted()).toEqual(["ann3", "bob3"]);
  await expect.poll(() => ground.store.heldEvents.isEmpty()).toBe(true);
  expect([...one.deadLetters]).toMatchObject(one.deadLetters.length === 0 ? [] : [{ reason: "event_refused", body: { trigger: "t" } }]);
});

test("events that were held for a trigger which is gone are told in the dead letters", async () => {
  await using ground = openMemoryGround();
  await register(ground, anOperator("crm", {}));
  const event = anEvent({ id: "late", type: "lead.changed" });
  const pacing = { rate: { limit: 1, per_ms: 1_000 } };
  await ground.store.heldEvents.hold({
    operatorId: "crm",
    triggerId: "gone",
    event,
    hops: 1,
    place: 1,
    pacing,
    key: "",
    origin: "event:x",
  });

  await using reactor = await startReactor(ground);

  await expect.poll(() => reactor.deadLetters.length).toBe(1);
  expect(reactor.deadLetters).toMatchObject([
    { reason: "event_refused", body: { event_ids: ["late"], to_operator_id: "crm", trigger: "gone" } },
  ]);
  await expect.poll(() => ground.store.heldEvents.isEmpty()).toBe(true);
});

test("what a relay had taken when it died is started by the next one, under the same ids and no second time", async () => {
  await using ground = openMemoryGround();
  const { heldEvents, runs } = ground.store;
  const crm = anOperator("crm", { t: "event:lead.changed" });
  await register(ground, crm);
  const pacing = { rate: { limit: 9, per_ms: 60_000 } };
  for (const id of ["e1", "e2"]) {
    const event = anEvent({ id, type: "lead.changed" });
    await heldEvents.hold({ operatorId: "crm", triggerId: "t", event, hops: 1, place: 1, pacing, key: id, origin: `event:crm.t:${id}` });
  }
  await heldEvents.take({ limit: 10, newRunId: () => newRunId(Date.now()) });
  const taken = await heldEvents.findTaken(10);
  // Of one the run is there already: the relay died before it could say so.
  await insertRun(ground.store, taken[0]?.runId);

  await using _next = await startReactor(ground);
  await expect.poll(() => heldEvents.isEmpty()).toBe(true);

  const found = await Promise.all(taken.map(({ runId }) => runs.find(runId)));
  expect(found.map((run) => run?.status)).toEqual(["queued", "queued"]);
  expect(await runs.list({}, { limit: 10 })).toHaveLength(2);
});

test("a trigger that says something this relay does not know starts nothing, and keeps the others from nothing", async () => {
  await using ground = openMemoryGround();
  const crm = anOperator("crm", { t: "event:lead.changed", plain: "event:lead.changed" });
  const [work] = crm.workflows;
  if (work === undefined) throw new Error("no workflow");
  const triggers = work.triggers.map((trigger) =>
    trigger.id === "t" ? { ...trigger, rate: { limit: "many", key: {} } as never } : trigger,
  );
  await register(ground, { ...crm, workflows: [{ ...work, triggers }] });
  await using _reactor = await startReactor(ground);

  await ground.bus.log.append(anEvent({ type: "lead.changed" }));
  await caughtUp(ground);

  expect((await runsOf(ground, "crm")).map(({ trigger }) => trigger)).toEqual(["plain"]);
  const { last } = await ground.bus.log.bounds();
  await expect.poll(() => ground.store.settings.get(REACTIONS.key), { timeout: 5_000 }).toMatch(new RegExp(`^${last}\\.`));
});
