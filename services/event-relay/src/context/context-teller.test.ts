/** What changes of shared context cause: an event and runs, once for each revision, whoever wrote and whoever dies. */
import {
  type JsonObject,
  manifestVersion,
  newToken,
  type OpenVibeEvent,
  type OperatorManifest,
  silentLogger,
  systemClock,
  toContextEvent,
} from "@openvibe/core";
import { createAcceptor } from "@openvibe/runtime";
import { describe, expect, test } from "vitest";
import { appendMany } from "../test-rig/events.ts";
import { FaultyLog } from "../test-rig/faulty-log.ts";
import { loseBucket } from "../test-rig/lose-bucket.ts";
import { type Ground, openMemoryGround, openNatsGround } from "../test-rig/relay.ts";
import { type ContextTellerOptions, createContextTeller } from "./context-teller.ts";
import { TOLD_FORM } from "./told.ts";

const fresh = () =>
  newToken()
    .slice(0, 8)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "x");

function startTeller(ground: Ground, options: Partial<ContextTellerOptions> = {}) {
  const deps = { store: ground.store, bus: ground.bus, clock: systemClock, logger: silentLogger };
  const acceptor = createAcceptor(deps);
  const teller = createContextTeller({ ...deps, acceptor, lookEveryMs: 20, takeOverMs: 200, ...options });
  teller.start();
  return {
    async [Symbol.asyncDispose]() {
      await teller[Symbol.asyncDispose]();
      await acceptor[Symbol.asyncDispose]();
    },
  };
}

async function register({ store }: Ground, id: string, triggers: Readonly<Record<string, string>>): Promise<void> {
  const workflow = {
    id: "work",
    triggers: Object.entries(triggers).map(([trigger, on]) => ({ id: trigger, on })),
    state_fields: ["key", "value", "old_value"],
    input_schema: { type: "object" },
    steps: [],
  };
  const manifest: OperatorManifest = { id, name: id, answers: {}, workflows: [workflow] };
  await store.manifests.register(manifest, manifestVersion(manifest));
}

async function eventsOf({ bus }: Ground, bucket: string): Promise<readonly OpenVibeEvent[]> {
  const found: OpenVibeEvent[] = [];
  const types = ["context.updated", "context.deleted"];
  for await (const { event } of bus.log.read(0, { types }, new AbortController().signal))
    if (event.data.bucket === bucket) found.push(event);
  return found;
}

const told = async (ground: Ground, bucket: string, count: number) =>
  await expect.poll(async () => (await eventsOf(ground, bucket)).length, { timeout: 10_000 }).toBe(count);
const runsOf = ({ store }: Ground, operatorId: string) => store.runs.list({ operatorId }, { limit: 200 });

describe.each([
  ["memory", async () => openMemoryGround()],
  ["nats", openNatsGround],
] as const)("over %s", (_, openGround) => {
  test("a change is an event with its bucket, which of that name, and revision as id, and starts one run of each trigger that it meets", async () => {
    await using ground = await openGround();
    const [id, name] = [`op${fresh()}`, `context-${fresh()}`];
    await register(ground, id, { all: `context:${name}.*`, some: `context:${name}.ann.*`, other: "context:context-other.*" });
    await using _teller = startTeller(ground);
    const bucket = ground.bus.buckets.bucket(name);

    const first = await bucket.put("ann.score", 1);
    const second = await bucket.put("ann.score", { n: 2 });
    await bucket.put("bob", "x".repeat(70_000));
    await bucket.delete("ann.score");
    await told(ground, name, 4);

    const events = await eventsOf(ground, name);
    const [, epoch] = events[0]?.id.split(":") ?? [];
    expect(epoch).toMatch(/^[a-z0-9]{8,32}$/);
    expect(events).toMatchObject([
      {
        id: `${name}:${epoch}:${first}`,
        type: "context.updated",
        operatorId: null,
        runId: null,
        data: { bucket: name, key: "ann.score", value: 1 },
      },
      { id: `${name}:${epoch}:${second}`, type: "context.updated", data: { revision: second, value: { n: 2 } } },
      { type: "context.updated", data: { key: "bob" } },
      { type: "context.deleted", data: { key: "ann.score" } },
    ]);
    expect(events[2]?.data).not.toHaveProperty("value");
    await expect.poll(async () => (await runsOf(ground, id)).length, { timeout: 10_000 }).toBe(7);
    const runs = await runsOf(ground, id);
    const inputs = runs.filter(({ trigger }) => trigger === "some").map(({ input }) => input);
    expect(inputs.toSorted((a: JsonObject, b: JsonObject) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual([
      { key: "ann.score", value: { n: 2 }, old_value: 1 },
      { key: "ann.score", value: 1, old_value: null },
      { key: "ann.score", value: null, old_value: { n: 2 } },
    ]);
    expect(runs.filter(({ trigger }) => trigger === "all")).toHaveLength(4);
    expect(await ground.store.runs.findCause(runs[0]?.runId ?? "")).toMatchObject({ event: { id: expect.stringContaining(name) } });
  });

  test("what changed while no relay lived is told afterwards, and what was told is not told again", async () => {
    await using ground = await openGround();
    const [id, name] = [`op${fresh()}`, `context-${fresh()}`];
    await register(ground, id, { all: `context:${name}.*` });
    const bucket = ground.bus.buckets.bucket(name);
    {
      await using _first = startTeller(ground);
      await bucket.put("before", 1);
      await told(ground, name, 1);
    }
    for (let n = 0; n < 100; n++) await bucket.put(`key${n}`, n);

    await using _second = startTeller(ground);

    await told(ground, name, 101);
    await expect.poll(async () => (await runsOf(ground, id)).length, { timeout: 10_000 }).toBe(101);
    expect(new Set((await eventsOf(ground, name)).map((event) => event.id)).size).toBe(101);
  });

  test("a relay that was killed before it said how far it came is followed without telling anything twice", async () => {
    await using ground = await openGround();
    const [id, name] = [`op${fresh()}`, `context-${fresh()}`];
    await register(ground, id, { all: `context:${name}.*` });
    const bucket = ground.bus.buckets.bucket(name);
    await bucket.put("first", 1);
    const shared: Ground = { ...ground, store: { ...ground.store, exclusive: false } };
    {
      await using _killed = startTeller(shared);
      await told(ground, name, 1);
    }
    // It told two more, and its mark does not know.
    const mark = JSON.parse((await ground.store.settings.get(TOLD_FORM.key)) ?? "{}") as JsonObject;
    const old = JSON.stringify({ ...mark, by: "context-killed" });
    {
      await using _killed = startTeller(shared);
      await bucket.put("second", 2);
      await bucket.delete("first");
      await told(ground, name, 3);
    }
    await ground.store.settings.replace(TOLD_FORM.key, await ground.store.settings.get(TOLD_FORM.key), old);

    await using _one = startTeller(shared);
    await using _other = startTeller(shared);
    await bucket.put("last", 1);

    await told(ground, name, 4);
    await expect.poll(async () => (await runsOf(ground, id)).length, { timeout: 10_000 }).toBe(4);
    expect(await ground.store.settings.get(TOLD_FORM.key)).not.toContain("killed");
  });
});

test("a bucket that was lost and made anew counts from 1 again; all its changes are told once, under a relay and between two", async () => {
  await using ground = await openNatsGround();
  const [id, name] = [`op${fresh()}`, `context-${fresh()}`];
  await register(ground, id, { all: `context:${name}.*` });
  // By a client that never met the bucket, as the relay's own may keep what it knows of it.
  const fill = async (count: number) => {
    await using client = await openNatsGround();
    const revisions: number[] = [];
    for (let n = 0; n < count; n++) revisions.push(await client.bus.buckets.bucket(name).put(`key${n}`, n));
    expect(revisions[0]).toBe(1);
  };
  const tellsAll = async (count: number) => {
    const ids = async () => (await eventsOf(ground, name)).map((event) => event.id);
    await expect.poll(async () => new Set(await ids()).size, { timeout: 10_000 }).toBe(count);
    await expect.poll(async () => (await runsOf(ground, id)).length, { timeout: 10_000 }).toBe(count);
    expect(await ids()).toHaveLength(count);
  };
  {
    await using _first = startTeller(ground);
    await fill(3);
    await tellsAll(3);
    await loseBucket(name);
    await fill(4);
    await tellsAll(7);
  }
  await loseBucket(name);
  await fill(5);

  await using _second = startTeller(ground);

  await tellsAll(12);
});

test("a relay that was killed after it told of a bucket made anew, before it said so, is followed without telling that twice", async () => {
  await using ground = openMemoryGround();
  const { settings } = ground.store;
  const bucket = ground.bus.buckets.bucket("context-leads");
  {
    await using _killed = startTeller(ground);
    for (let n = 0; n < 3; n++) await bucket.put("ann", n);
    await told(ground, "context-leads", 3);
  }
  const before = { ...TOLD_FORM.start, buckets: { "context-leads": { epoch: "lost", revision: 5 } } };
  await settings.replace(TOLD_FORM.key, await settings.get(TOLD_FORM.key), TOLD_FORM.format({ value: before, by: undefined }, 0));

  await using _next = startTeller(ground);
  await bucket.put("ann", 3);
  await expect
    .poll(async () => (await eventsOf(ground, "context-leads")).some(({ data }) => data.value === 3), { timeout: 5_000 })
    .toBe(true);

  expect((await eventsOf(ground, "context-leads")).map(({ data }) => data.value)).toEqual([0, 1, 2, 3]);
});

test("what a log holds of a bucket that was lost does not keep the mark behind", async () => {
  await using ground = openMemoryGround();
  const lost = { kind: "delete", bucket: "context-leads", epoch: "lost", key: "ann", time: new Date().toISOString() } as const;
  for (const revision of [1, 9]) await ground.bus.log.append(toContextEvent({ ...lost, revision }));
  await using _teller = startTeller(ground);

  await ground.bus.buckets.bucket("context-leads").put("ann", 1);
  await told(ground, "context-leads", 3);

  const mark = async () => JSON.parse((await ground.store.settings.get(TOLD_FORM.key)) ?? "{}") as JsonObject;
  await expect.poll(async () => (await mark()).log, { timeout: 5_000 }).toBe((await ground.bus.log.bounds()).last);
});

test("a bus in memory that began anew beside a store that did not is told from its beginning", async () => {
  await using ground = openMemoryGround();
  await using renewed = openMemoryGround();
  await register(ground, "op", { all: "context:context-leads.*" });
  {
    await using _first = startTeller(ground);
    for (let n = 0; n < 3; n++) await ground.bus.buckets.bucket("context-leads").put("ann", n);
    await told(ground, "context-leads", 3);
  }
  for (let n = 0; n < 4; n++) await renewed.bus.buckets.bucket("context-leads").put("ann", n);

  await using _second = startTeller({ ...ground, bus: renewed.bus });

  await told(renewed, "context-leads", 4);
  await expect.poll(async () => (await runsOf(ground, "op")).length, { timeout: 10_000 }).toBe(7);
});

test("an outage of the log is waited out", async () => {
  await using ground = openMemoryGround();
  const log = new FaultyLog(ground.bus.log);
  await using _teller = startTeller({ ...ground, bus: { ...ground.bus, log } });
  const bucket = ground.bus.buckets.bucket("context-leads");
  await bucket.put("ann", 1);
  await told(ground, "context-leads", 1);

  log.isDown = true;
  for (let n = 0; n < 5; n++) await bucket.put("ann", n);
  await ground.bus.buckets.bucket("context-notes").put("x", 1);
  log.isDown = false;

  await told(ground, "context-leads", 6);
  await told(ground, "context-notes", 1);
});

test("a log that was made anew is searched for what was told there, wherever that lies", async () => {
  await using ground = openMemoryGround();
  await using renewed = openMemoryGround();
  const log = new FaultyLog(ground.bus.log);
  const faulty: Ground = { ...ground, bus: { ...ground.bus, log } };
  const bucket = ground.bus.buckets.bucket("context-leads");
  {
    await using _first = startTeller(faulty);
    for (let n = 0; n < 3; n++) await bucket.put("ann", n);
    await told(faulty, "context-leads", 3);
  }
  // A relay told one more into the new log, which grew, and died before it said so.
  const saved = (await ground.store.settings.get(TOLD_FORM.key)) ?? "";
  await log.exchange(renewed.bus.log);
  await bucket.put("ann", 3);
  {
    await using _killed = startTeller(faulty);
    await told(faulty, "context-leads", 1);
    await appendMany(log, 5);
  }
  await ground.store.settings.replace(TOLD_FORM.key, await ground.store.settings.get(TOLD_FORM.key), saved);

  await using _next = startTeller(faulty);
  await bucket.put("ann", 4);
  await expect
    .poll(async () => (await eventsOf(faulty, "context-leads")).some(({ data }) => data.value === 4), { timeout: 5_000 })
    .toBe(true);

  expect((await eventsOf(faulty, "context-leads")).map(({ data }) => data.value)).toEqual([3, 4]);
});
