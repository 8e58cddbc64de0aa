import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus, WorkQueue } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import {
  type Clock,
  type JsonObject,
  manifestVersion,
  NO_METRICS,
  OpenVibeError,
  type OperatorManifest,
  type Run,
  type RunStatus,
  silentLogger,
} from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { describe, expect, test } from "vitest";
import { REGISTRY_BUCKET, REGISTRY_TTL_MS } from "../registry.ts";
import { type Acceptor, type AcceptorFaults, type AcceptRequest, createAcceptor } from "./acceptor.ts";

const companyIntel: OperatorManifest = {
  id: "company_intel",
  name: "Company Intelligence",
  answers: {},
  workflows: [
    {
      id: "research",
      triggers: [{ id: "query", on: "on_demand" }],
      state_fields: ["company_name", "employees", "tier"],
      input_schema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: {
          company_name: { type: "string" },
          employees: { type: "integer", minimum: 0 },
          tier: { enum: ["a", "b"] },
        },
        additionalProperties: false,
      },
      steps: [],
    },
  ],
};

interface World extends AsyncDisposable {
  readonly acceptor: Acceptor;
  readonly store: Store;
  readonly bus: Bus;
  /** Wake-ups that were published. */
  readonly published: string[];
  readonly clock: Clock & { ms: number };
  accept(request?: Partial<AcceptRequest>): ReturnType<Acceptor["accept"]>;
  runs(): Promise<readonly Run[]>;
}

async function aWorld(
  options: { manifest?: OperatorManifest; faults?: AcceptorFaults; publish?: WorkQueue["publish"]; maxBacklog?: number } = {},
): Promise<World> {
  const { manifest = companyIntel, faults = {}, maxBacklog = 1_000 } = options;
  const clock = { ms: Date.now(), now: () => clock.ms };
  const store = openSqliteStore({ path: ":memory:" });
  const bus = openMemoryBus({ database: store.database });
  await store.manifests.register(manifest, manifestVersion(manifest));
  const published: string[] = [];
  const publish = options.publish ?? ((wakeUp) => bus.queue.publish(wakeUp));
  const queue: WorkQueue = {
    publish: (wakeUp) => {
      published.push(wakeUp.runId);
      return publish(wakeUp);
    },
    take: (...args) => bus.queue.take(...args),
  };
  const acceptor = createAcceptor({ store, bus: { ...bus, queue }, clock, logger: silentLogger, maxBacklog, faults });
  return {
    acceptor,
    store,
    bus,
    published,
    clock,
    accept: (request) => acceptor.accept({ operatorId: "company_intel", trigger: "query", input: {}, ...request }),
    runs: () => store.runs.list({}, { limit: 100 }),
    async [Symbol.asyncDispose]() {
      await acceptor[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

const withCode = (code: string, more: object = {}) => expect.objectContaining({ code, ...more });

describe("accepting", () => {
  test("stores a queued run with its first event, and publishes its wake-up", async () => {
    await using world = await aWorld();

    const { run, replayed } = await world.accept({ input: { company_name: "Stripe" }, tags: { team: "a" } });

    expect(replayed).toBe(false);
    expect(run).toMatchObject({
      workflowId: "research",
      trigger: "query",
      status: "queued",
      input: { company_name: "Stripe" },
      tags: { team: "a" },
    });
    expect(await world.store.runs.find(run.runId)).toEqual(run);
    expect((await world.store.runs.findOutbox(run.runId))?.outbox).toMatchObject({
      from: 0,
      events: [{ type: "run.queued", data: { trigger: "query", workflow_id: "research" } }],
    });
    expect(world.published).toEqual([run.runId]);
  });

  test("takes the workflow's id for a trigger", async () => {
    await using world = await aWorld();

    const { run } = await world.accept({ trigger: "research" });

    expect(run).toMatchObject({ workflowId: "research", trigger: "research" });
  });

  test("does not wait for the bus, nor fail with it", async () => {
    await using world = await aWorld({ publish: () => Promise.reject(new OpenVibeError("OV_BUS_UNAVAILABLE", "away")) });

    const { run } = await world.accept();

    expect((await world.store.runs.find(run.runId))?.status).toBe("queued");
  });

  test("fails with the store, and publishes nothing", async () => {
    await using world = await aWorld();
    await world.accept();
    await world.store[Symbol.asyncDispose]();

    await expect(world.accept()).rejects.toThrow(withCode("OV_STORE_UNAVAILABLE"));

    expect(world.published).toHaveLength(1);
  });

  test("starts one run per cause", async () => {
    await using world = await aWorld();

    const all = await Promise.all([1, 2, 3].map(() => world.accept({ origin: "cron:nightly:2026-11-22" })));

    expect(new Set(all.map(({ run }) => run.runId)).size).toBe(1);
    expect(all.filter(({ replayed }) => replayed)).toHaveLength(2);
    expect(world.published).toHaveLength(1);
  });
});

describe("operators and triggers", () => {
  test("an unknown operator is refused with the nearest names", async () => {
    await using world = await aWorld();

    await expect(world.accept({ operatorId: "compny_intel" })).rejects.toThrow(
      withCode("OV_OPERATOR_NOT_FOUND", { extra: { did_you_mean: ["company_intel"] } }),
    );
  });

  test("an unknown trigger is refused with what there is", async () => {
    await using world = await aWorld();

    await expect(world.accept({ trigger: "qeury" })).rejects.toThrow(
      withCode("OV_TRIGGER_NOT_FOUND", { extra: { triggers: ["query", "research"], did_you_mean: ["query"] } }),
    );
  });

  test("an operator and a trigger registered a moment ago are known at once", async () => {
    await using world = await aWorld();
    await world.accept();
    const [workflow] = companyIntel.workflows;
    const fresh = {
      ...companyIntel,
      workflows: [{ ...workflow, id: "research", triggers: [{ id: "fresh", on: "on_demand" }] }],
    } as OperatorManifest;

    await world.store.manifests.register(fresh, "v2");

    expect((await world.accept({ trigger: "fresh" })).run.definition).toBe("v2");
    await world.store.manifests.register({ ...companyIntel, id: "hello" }, "v1");
    expect((await world.accept({ operatorId: "hello" })).run.definition).toBe("v1");
  });

  test("a new version is used after a second of requests, and at once after a pause", async () => {
    await using world = await aWorld();
    await world.accept();
    await world.store.manifests.register(companyIntel, "v2");
    world.clock.ms += 1_001;
    await world.accept(); // reads again beside it

    expect((await world.accept()).run.definition).toBe("v2");

    await world.store.manifests.register(companyIntel, "v3");
    world.clock.ms += 5_001;

    expect((await world.accept()).run.definition).toBe("v3");
  });
});

describe("input", () => {
  test("keys that are no state field are dropped and told", async () => {
    await using world = await aWorld();

    const { run } = await world.accept({ input: { company_name: "Stripe", compny: 1, extra: {} } });

    expect(run).toMatchObject({ input: { company_name: "Stripe" }, ignoredInput: ["compny", "extra"] });
  });

  test.each([
    [{ company_name: 12 }, "/input/company_name", "must be string, got number"],
    [{ company_name: null }, "/input/company_name", "must be string, got null"],
    [{ employees: -1 }, "/input/employees", "must be >= 0"],
    [{ employees: "12" }, "/input/employees", "must be integer, got string"],
    [{ tier: "c" }, "/input/tier", 'must be one of "a", "b"'],
  ])("%j is refused at %s", async (input: JsonObject, pointer, detail) => {
    await using world = await aWorld();

    await expect(world.accept({ input })).rejects.toThrow(withCode("OV_INPUT_INVALID", { errors: [{ pointer, detail }] }));

    expect(await world.runs()).toEqual([]);
  });

  test.each([
    ["a Date", { company_name: new Date() }, "OV_JSON_INVALID", "/input/company_name"],
    ["NaN", { employees: Number.NaN }, "OV_JSON_INVALID", "/input/employees"],
    ["a reserved key", { company_name: JSON.parse('{"__proto__":1}') }, "OV_RESERVED_KEY", "/input/company_name/__proto__"],
    ["LangChain's mark", { company_name: { lc: 1, type: "constructor", id: ["nope"] } }, "OV_RESERVED_KEY", "/input/company_name/lc"],
  ])("%s handed in by code is refused", async (_what, input, code, pointer) => {
    await using world = await aWorld();

    await expect(world.accept({ input: input as JsonObject })).rejects.toThrow(
      withCode(code, { errors: [expect.objectContaining({ pointer })] }),
    );
  });

  test("a schema that cannot be compiled leaves the check to the worker", async () => {
    const [workflow] = companyIntel.workflows;
    await using world = await aWorld({
      manifest: {
        ...companyIntel,
        workflows: [{ ...workflow, input_schema: { type: "object", properties: { company_name: { pattern: "(" } } } }],
      } as OperatorManifest,
    });

    expect((await world.accept({ input: { company_name: "x" } })).run.status).toBe("queued");
  });
});

describe("idempotency keys", () => {
  test("the same request with the same key gives the same run, in both spellings of the key, also at once", async () => {
    await using world = await aWorld();
    const input = { company_name: "Stripe", employees: 1 };

    const all = await Promise.all([
      world.accept({ idempotencyKey: "abc", input }),
      world.accept({ idempotencyKey: '"abc"', input: { employees: 1, company_name: "Stripe" } }),
      world.accept({ idempotencyKey: " abc ", input }),
    ]);

    expect(new Set(all.map(({ run }) => run.runId)).size).toBe(1);
    expect(all.map(({ replayed }) => replayed).sort()).toEqual([false, true, true]);
    expect(world.published).toHaveLength(1);
  });

  test("another request with the same key is refused", async () => {
    await using world = await aWorld();
    await world.accept({ idempotencyKey: "abc" });

    for (const other of [
      { input: { company_name: "x" } },
      { trigger: "research" },
      { tags: { a: "1" } },
      { deadline: world.clock.ms + 60_000 },
    ])
      await expect(world.accept({ idempotencyKey: "abc", ...other })).rejects.toThrow(withCode("OV_IDEMPOTENCY_MISMATCH"));

    expect(await world.runs()).toHaveLength(1);
  });

  test("the same request gives the same run also when it would be refused by now", async () => {
    await using world = await aWorld();
    const request = { idempotencyKey: "abc", input: { company_name: "Stripe" }, deadline: world.clock.ms + 1_000 };
    const first = await world.accept(request);
    world.clock.ms += 10_000;
    await world.store.manifests.register({ ...companyIntel, workflows: [] }, "v2");

    const again = await world.accept(request);

    expect(again).toMatchObject({ replayed: true, run: { runId: first.run.runId } });
    await expect(world.accept({ ...request, idempotencyKey: "other" })).rejects.toThrow(withCode("OV_DEADLINE_PAST"));
    await expect(world.accept({ ...request, input: {} })).rejects.toThrow(withCode("OV_DEADLINE_PAST"));
  });

  test("the same key of another caller, or for another operator, is another key", async () => {
    await using world = await aWorld();
    await world.store.manifests.register({ ...companyIntel, id: "hello" }, "v1");

    await world.accept({ idempotencyKey: "abc", principal: "a" });
    await world.accept({ idempotencyKey: "abc", principal: "b" });
    await world.accept({ idempotencyKey: "abc", principal: "a", operatorId: "hello" });

    expect(await world.runs()).toHaveLength(3);
  });

  test.each(["", '""', "x".repeat(256), "a\nb", "a\tb", "schlüssel"])("%j is no key", async (idempotencyKey) => {
    await using world = await aWorld();

    await expect(world.accept({ idempotencyKey })).rejects.toThrow(withCode("OV_IDEMPOTENCY_KEY_INVALID"));
  });
});

describe("tags", () => {
  test("are short texts by name", async () => {
    await using world = await aWorld();
    const tags = { team: "sales", "crm/deal.id": "a:b ß 👩‍👩‍👧‍👦", empty: "", long: "x".repeat(256) };

    expect((await world.accept({ tags })).run.tags).toEqual(tags);
  });

  test.each<[object, string]>([
    [{ a: 1 }, "/tags/a"],
    [{ a: null }, "/tags/a"],
    [{ a: { b: "c" } }, "/tags/a"],
    [{ a: ["b"] }, "/tags/a"],
    [{ a: "x".repeat(257) }, "/tags/a"],
    [{ a: "b\u0000" }, "/tags/a"],
    [{ a: "b\n" }, "/tags/a"],
    [{ a: "b\ud800" }, "/tags/a"],
    [{ "a:b": "c" }, "/tags/a:b"],
    [{ "": "c" }, "/tags/"],
    [{ "a b": "c" }, "/tags/a b"],
    [{ ["n".repeat(65)]: "c" }, `/tags/${"n".repeat(65)}`],
    [Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`t${n}`, ""])), "/tags"],
  ])("%j are refused by name", async (tags, pointer) => {
    await using world = await aWorld();

    await expect(world.accept({ tags: tags as never })).rejects.toThrow(
      withCode("OV_REQUEST_INVALID", { errors: [expect.objectContaining({ pointer })] }),
    );
    expect(await world.runs()).toEqual([]);
  });
});

describe("a deadline", () => {
  test("is kept with the run", async () => {
    await using world = await aWorld();
    const deadline = world.clock.ms + 60_000;

    const { run } = await world.accept({ deadline });

    expect(run.deadline).toBe(deadline);
    expect(await world.store.runs.find(run.runId)).toEqual(run);
  });

  test.each<[given: number | undefined, days: number]>([
    [undefined, 14],
    [20, 14],
    [3, 3],
  ])("of %s days, in a workflow whose runs live 14 days at most, is %s days", async (given, days) => {
    const [research] = companyIntel.workflows;
    const manifest = { ...companyIntel, workflows: research === undefined ? [] : [{ ...research, durable: { max_days: 14 } }] };
    await using world = await aWorld({ manifest });
    const day = 86_400_000;

    const { run } = await world.accept(given === undefined ? {} : { deadline: world.clock.ms + given * day });

    expect(run.deadline).toBe(world.clock.ms + days * day);
    expect((await world.store.runs.find(run.runId))?.deadline).toBe(run.deadline);
  });

  test("does not make a repeated request another one, where the workflow gives it", async () => {
    const [research] = companyIntel.workflows;
    const manifest = { ...companyIntel, workflows: research === undefined ? [] : [{ ...research, durable: { max_days: 14 } }] };
    await using world = await aWorld({ manifest });
    const first = await world.accept({ idempotencyKey: "abc" });
    world.clock.ms += 5_000;

    expect(await world.accept({ idempotencyKey: "abc" })).toMatchObject({ replayed: true, run: { runId: first.run.runId } });
  });

  test.each([
    [-1, "OV_DEADLINE_PAST"],
    [0, "OV_DEADLINE_PAST"],
    [Number.NaN, "OV_REQUEST_INVALID"],
    [Number.POSITIVE_INFINITY, "OV_REQUEST_INVALID"],
  ])("%d ms from now is refused", async (ms, code) => {
    await using world = await aWorld();

    await expect(world.accept({ deadline: world.clock.ms + ms })).rejects.toThrow(
      withCode(code, { errors: [expect.objectContaining({ pointer: "/deadline" })] }),
    );
    expect(await world.runs()).toEqual([]);
  });
});

describe("redriving", () => {
  /** A run that came to this end. */
  const aRunThat = async (world: World, status: RunStatus) => {
    const { run } = await world.accept({ input: { company_name: "Stripe" }, tags: { team: "a" }, deadline: world.clock.ms + 60_000 });
    if (status === "queued") return run;
    const { claimed } = await world.store.runs.claim({ runId: run.runId, wake: 0, owner: "w" });
    const outbox = { from: 0, events: [...(claimed?.outbox.events ?? []), { type: "x", time: "", data: {} }] };
    const write = { runId: run.runId, attempt: 1, step: 1, state: {}, position: null, metrics: NO_METRICS, outbox };
    if (status !== "running") await world.store.runs.write({ ...write, status });
    return (await world.store.runs.find(run.runId)) as Run;
  };

  test.each(["failed", "cancelled", "timed_out", "dead_lettered"] as const)("a %s run makes a new one of it", async (status) => {
    await using world = await aWorld();
    const old = await aRunThat(world, status);

    const { run, replayed } = await world.acceptor.redrive({ run: old, principal: "a" });

    expect(replayed).toBe(false);
    expect(run).toMatchObject({
      status: "queued",
      rerunOf: old.runId,
      workflowId: old.workflowId,
      trigger: old.trigger,
      input: { company_name: "Stripe" },
      tags: { team: "a" },
      deadline: null,
    });
    expect(run.runId).not.toBe(old.runId);
    expect(world.published).toContain(run.runId);
    expect(await world.store.runs.find(old.runId)).toEqual(old);
  });

  test.each(["queued", "running", "waiting", "completed"] as const)("a %s run is refused", async (status) => {
    await using world = await aWorld();
    const run = await aRunThat(world, status);

    await expect(world.acceptor.redrive({ run, principal: "a" })).rejects.toThrow(
      withCode("OV_RUN_NOT_REDRIVABLE", { extra: { run_status: status } }),
    );
    expect(await world.runs()).toHaveLength(1);
  });

  test("with a key makes one run, however often and in whatever spelling; a key of an activation is another one", async () => {
    await using world = await aWorld();
    const run = await aRunThat(world, "failed");
    await world.accept({ idempotencyKey: "k", principal: "a" });

    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => world.acceptor.redrive({ run, principal: "a", idempotencyKey: n % 2 ? "k" : '"k"' })),
    );

    expect(new Set(all.map((each) => each.run.runId)).size).toBe(1);
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect((await world.runs()).filter(({ rerunOf }) => rerunOf === run.runId)).toHaveLength(1);
    await world.acceptor.redrive({ run, principal: "a", idempotencyKey: "k2" });
    expect((await world.runs()).filter(({ rerunOf }) => rerunOf === run.runId)).toHaveLength(2);
  });

  test("goes by the workflow, also where the trigger is gone; by the input's present form", async () => {
    await using world = await aWorld();
    const run = await aRunThat(world, "failed");
    const [research] = companyIntel.workflows;
    const change = async (workflow: object, version: string) => {
      await world.store.manifests.register({ ...companyIntel, workflows: [{ ...research, ...workflow }] } as OperatorManifest, version);
      world.clock.ms += 10_000;
    };

    await change({ triggers: [] }, "v2");
    expect((await world.acceptor.redrive({ run, principal: "a" })).run).toMatchObject({ trigger: "query", definition: "v2" });
    await change({ input_schema: { type: "object", properties: { company_name: { type: "integer" } } } }, "v3");
    await expect(world.acceptor.redrive({ run, principal: "a" })).rejects.toThrow(withCode("OV_INPUT_INVALID"));
    await change({ id: "another" }, "v4");
    await expect(world.acceptor.redrive({ run, principal: "a" })).rejects.toThrow(withCode("OV_TRIGGER_NOT_FOUND"));
  });
});

describe("a full backlog", () => {
  test("refuses with nothing done, answers what was accepted before, and takes more as soon as a run is claimed", async () => {
    await using world = await aWorld({ maxBacklog: 2 });
    const { run } = await world.accept({ idempotencyKey: "abc" });
    await world.accept({ origin: "cron:nightly:1" });

    await expect(world.accept()).rejects.toThrow(withCode("OV_BACKLOG_FULL", { retryAfterMs: 5_000 }));
    await expect(world.accept({ idempotencyKey: "new" })).rejects.toThrow(withCode("OV_BACKLOG_FULL"));
    expect(await world.runs()).toHaveLength(2);
    expect(world.published).toHaveLength(2);
    expect(await world.accept({ idempotencyKey: "abc" })).toMatchObject({ run: { runId: run.runId }, replayed: true });
    expect(await world.accept({ origin: "cron:nightly:1" })).toMatchObject({ replayed: true });
    await expect(world.accept({ idempotencyKey: "abc", tags: { a: "1" } })).rejects.toThrow(withCode("OV_IDEMPOTENCY_MISMATCH"));

    await world.store.runs.claim({ runId: run.runId, wake: 0, owner: "worker" });

    expect((await world.accept({ idempotencyKey: "new" })).replayed).toBe(false);
  });
});

describe("warnings", () => {
  test("say when nobody serves the operator, and no more when somebody does", async () => {
    await using world = await aWorld();

    const before = await world.accept();
    await world.bus.buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS }).put("company_intel.worker-1", {});
    world.clock.ms += 10_001;
    const after = await world.accept();

    expect(before.warnings).toEqual(["no_worker"]);
    expect(after.warnings).toEqual([]);
  });

  test("are left out when the registry cannot be read", async () => {
    await using world = await aWorld();
    await world.bus[Symbol.asyncDispose]();

    expect((await world.accept()).warnings).toEqual([]);
  });
});

describe("faults that tests switch on", () => {
  test("answering before the insert is what a lost run looks like", async () => {
    await using world = await aWorld({ faults: { answerBeforeInsert: true } });
    await world.acceptor.catalogue.list();
    await world.store[Symbol.asyncDispose]();

    const { run } = await world.accept();

    expect(run.status).toBe("queued");
  });

  test("ending between insert and publish leaves a queued run behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "openvibe-accept-"));
    const script = `
      import { createAcceptor } from ${JSON.stringify(import.meta.resolve("./acceptor.ts"))};
      import { openSqliteStore } from ${JSON.stringify(import.meta.resolve("@openvibe/store/sqlite"))};
      import { openMemoryBus } from ${JSON.stringify(import.meta.resolve("@openvibe/bus/memory"))};
      const store = openSqliteStore({ path: ${JSON.stringify(join(folder, "store.db"))} });
      const manifest = ${JSON.stringify(companyIntel)};
      await store.manifests.register(manifest, "v1");
      const logger = { debug() {}, info() {}, warn() {}, error() {}, child() {} };
      const bus = openMemoryBus({ database: store.database });
      const acceptor = createAcceptor({ store, bus, clock: Date, logger, faults: { exitAfterInsert: true } });
      await acceptor.accept({ operatorId: "company_intel", trigger: "query", input: {} });`;

    const child = spawn(process.execPath, ["-C", "openvibe-source", "--input-type=module", "-e", script], { stdio: "inherit" });
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];

    const store = openSqliteStore({ path: join(folder, "store.db") });
    const runs = await store.runs.list({}, { limit: 10 });
    await store[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
    expect(signal).toBe("SIGKILL");
    expect(runs).toMatchObject([{ status: "queued" }]);
  });
});
