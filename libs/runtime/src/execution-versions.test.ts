/** Runs that meet workers with another version of their operator than they began with. */
import { MAX_SILENT_CLAIMS, type OperatorDefinition, type Run } from "@openvibe/core";
import { type AnyWorkflow, operator, workflow } from "@openvibe/sdk";
import type { Store } from "@openvibe/store";
import { openPostgresStore } from "@openvibe/store/postgres";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { withFaults } from "./faults-for-tests.ts";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const State = z.object({ log: z.array(z.string()).default([]), ok: z.boolean().default(false) });
const shop = (...workflows: AnyWorkflow[]) => operator("shop", { name: "Shop", workflows });
const says = (text: string) => (s: { log: string[] }) => ({ log: [...s.log, text] });

/** Waits at `ask`, behind `one`. */
const first = shop(
  workflow("w", { state: State })
    .node("one", says("one"))
    .human("ask", { prompt: "Shall we?", answer: ["ok"] })
    .node("two", says("two")),
);
/** Another ending. */
const fitting = shop(
  workflow("w", { state: State })
    .node("one", says("one, new"))
    .human("ask", { prompt: "Shall we?", answer: ["ok"] })
    .node("other", says("other")),
);
/** A step more before the wait. */
const unfitting = shop(
  workflow("w", { state: State })
    .node("zero", says("zero"))
    .node("one", says("one"))
    .human("ask", { prompt: "Shall we?", answer: ["ok"] })
    .node("two", says("two, new")),
);

const REASON = "step zero comes before ask, and did not";

/** A run of `first` that waits at its question; its worker is gone. */
async function aWaitingRun(world: World): Promise<string> {
  const { stop } = await world.start([first]);
  const runId = await world.accept(first, "w");
  await world.waiting(runId);
  await stop();
  return runId;
}

const parked = (world: World, runId: string) =>
  until(async () => {
    const run = await world.find(runId);
    expect(run.parked).toBeDefined();
    return run;
  });

describe.each(FORMS)("in the form %s a run that began with another version", (form) => {
  test("goes on where that fits, and goes by the new one from then on", async () => {
    await using world = openWorld({ form });
    const runId = await aWaitingRun(world);
    await world.start([fitting]);

    await world.answer(runId, { answer: { ok: true } });

    expect(await world.ended(runId)).toMatchObject({
      status: "completed",
      output: { log: ["one", "other"], ok: true },
      definition: fitting.version,
    });
  });

  test("is parked where it does not fit, says why, and goes on as if nothing had been once a fitting worker comes", async () => {
    await using world = openWorld({ form });
    const runId = await aWaitingRun(world);
    const { stop } = await world.start([unfitting]);
    await world.answer(runId, { answer: { ok: true } });

    const found = await parked(world, runId);
    expect(found).toMatchObject({
      status: "queued",
      error: null,
      definition: first.version,
      parked: { reason: REASON, needs_version: first.version, met_version: unfitting.version, node_id: "ask", since: expect.any(String) },
    });
    expect(world.row(runId)).toMatchObject({ owner: null, position: "ask" });
    await stop();
    await world.start([first]);

    const ended = await world.ended(runId);
    expect(ended).toMatchObject({ status: "completed", output: { log: ["one", "two"], ok: true }, definition: first.version });
    expect(ended).not.toHaveProperty("parked");
    const told = (await world.told(runId)).map(({ type, nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`));
    expect(told).toEqual([
      "run.queued",
      "run.started",
      "node.completed one",
      "run.waiting ask",
      "run.resumed",
      "node.completed ask",
      "node.completed two",
      "run.completed",
    ]);
  });
});

describe("a parked run", () => {
  test("is left alone: no claim, no message, no dead letter, until its time to be looked at has come", async () => {
    await using world = openWorld();
    const runId = await aWaitingRun(world);
    let claims = 0;
    const store = withFaults(world.store, { after: (name) => void (name === "claim" && claims++) });
    await world.start([unfitting], { store });
    await world.answer(runId, { answer: { ok: true } });
    await parked(world, runId);

    await new Promise((resolve) => setTimeout(resolve, 2_500)); // one more look of the worker's

    expect(claims).toBe(1);
    expect(await world.find(runId)).toMatchObject({ status: "queued", attempt: 2 });
  });

  test("never becomes a dead letter, however often it is met", async () => {
    await using world = openWorld();
    const runId = await aWaitingRun(world);
    await world.start([unfitting]);
    await world.answer(runId, { answer: { ok: true } });
    const { parked: why } = await parked(world, runId);

    for (let n = 0; n < MAX_SILENT_CLAIMS + 2; n++) {
      const { attempt } = await world.find(runId);
      await world.bus.queue.publish({ operatorId: "shop", runId, kind: "resume", wake: 1 });
      await until(async () => expect(await world.find(runId)).toMatchObject({ attempt: attempt + 1, status: "queued", parked: why }));
    }
  });

  test("is taken by a fitting worker beside the one that parked it", async () => {
    await using world = openWorld();
    const runId = await aWaitingRun(world);
    const { stop } = await world.start([unfitting]);
    await world.answer(runId, { answer: { ok: true } });
    await parked(world, runId);

    await world.start([first]);

    expect((await world.ended(runId)).output).toEqual({ log: ["one", "two"], ok: true });
    await stop();
  });

  test("can be cancelled", async () => {
    await using world = openWorld();
    const runId = await aWaitingRun(world);
    await world.start([unfitting]);
    await world.answer(runId, { answer: { ok: true } });
    await parked(world, runId);

    const event = { type: "run.cancelled", time: "2026-11-22T10:30:00.000Z", data: {} };
    const { did } = await world.store.runs.cancel({ operatorId: "shop", runId, event });

    expect(did).toBe("cancelled");
    expect(await world.find(runId)).not.toHaveProperty("parked");
  });

  test("may wait for its version without its workflow's timeout running", async () => {
    const slow = (...more: string[]) =>
      shop(more.reduce((w, id) => w.node(id, says(id)), workflow("w", { state: State, timeout: 50 }).node("one", says("one"))));
    await using world = openWorld();
    const definition = slow("two");
    const runId = await aRunBefore(world, definition, "two");
    const { stop } = await world.start([shop(workflow("w", { state: State }).node("one", says("one")))]);
    await parked(world, runId);
    await stop();
    await new Promise((resolve) => setTimeout(resolve, 60));

    await world.start([definition]);

    expect((await world.ended(runId)).status).toBe("completed");
  });
});

describe("why a run is parked", () => {
  test.each([
    ["its step is gone", shop(workflow("w", { state: State }).node("one", says("one"))), "there is no step two"],
    ["its workflow is gone", shop(workflow("v", { state: State }).node("one", says("one"))), "there is no workflow w"],
  ])("%s", async (_, after, reason) => {
    const before = shop(workflow("w", { state: State }).node("one", says("one")).node("two", says("two")));
    await using world = openWorld();
    const runId = await aRunBefore(world, before, "two");

    await world.start([after]);

    expect((await parked(world, runId)).parked).toMatchObject({ reason, node_id: "two" });
  });

  test("its own version is not in the store", async () => {
    const before = shop(workflow("w", { state: State }).node("one", says("one")).node("two", says("two")));
    await using world = openWorld();
    const runId = await aRunBefore(world, before, "two", { registered: false });

    await world.start([shop(workflow("w", { state: State }).node("zero", says("zero")).node("two", says("two")))]);

    expect((await parked(world, runId)).parked?.reason).toContain("not in the store");
  });
});

describe("a run that has not begun", () => {
  const wider = shop(
    workflow("w", { state: State.extend({ budget: z.number().default(0) }) }).node("spend", (s) => ({ log: [String(s.budget)] })),
  );
  const narrow = shop(workflow("w", { state: State }).node("one", says("one")));

  test("begins with the version of the worker that takes it", async () => {
    await using world = openWorld();
    await world.store.manifests.register(wider.manifest, wider.version);
    const runId = await world.accept(wider, "w", { ok: true });
    await world.start([narrow]);

    expect(await world.ended(runId)).toMatchObject({ output: { log: ["one"], ok: true }, definition: narrow.version });
  });

  test("is not taken by an older version that would drop some of its input", async () => {
    await using world = openWorld();
    const { stop } = await world.start([narrow]);
    await world.store.manifests.register(wider.manifest, wider.version);
    const runId = await world.accept(wider, "w", { budget: 5 });

    expect((await parked(world, runId)).parked?.reason).toContain("budget");
    await world.start([wider]);

    expect((await world.ended(runId)).output).toEqual({ budget: 5, log: ["5"] });
    await stop();
  });

  test("is taken by a newer version that knows less", async () => {
    await using world = openWorld();
    await world.store.manifests.register(wider.manifest, wider.version);
    const runId = await world.accept(wider, "w", { budget: 5 });

    await world.start([narrow]);

    expect((await world.ended(runId)).status).toBe("completed");
  });
});

describe.each<[string, () => Promise<Store | undefined>]>([
  ["sqlite", async () => undefined],
  ["postgres", async () => await openPostgresStore({ url: inject("postgresUrl"), schema: `versions_${Date.now()}` })],
])("over %s", (_, open) => {
  test("a parked run whose deadline is over ends timed out, once, and no fitting worker runs it", async () => {
    const store = await open();
    await using world = openWorld(store === undefined ? {} : { store });
    await world.store.manifests.register(first.manifest, first.version);
    const { stop } = await world.start([shop(workflow("v", { state: State }).node("one", says("one")))]);
    const runId = await world.accept(first, "w", {}, Date.now() + 1_000);
    await parked(world, runId);

    await until(async () => {
      await world.timeOut();
      expect(await world.find(runId)).toMatchObject({ status: "timed_out" });
    });
    await world.start([first]);

    const ended = await world.ended(runId);
    expect(ended).toMatchObject({ status: "timed_out", error: { code: "OV_RUN_TIMEOUT" }, output: {} });
    expect(ended).not.toHaveProperty("parked");
    expect((await world.told(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.started", "run.timed_out"]);
    await stop();
  });

  test("a rolling restart loses none of 200 runs that wait, and none is run by a version that does not fit", async () => {
    const store = await open();
    await using world = openWorld(store === undefined ? {} : { store });
    const all = (is: (run: Run) => boolean, of = ids) =>
      until(async () =>
        expect((await world.store.runs.list({}, { limit: 200 })).filter((run) => of.includes(run.runId) && is(run))).toHaveLength(
          of.length,
        ),
      );
    const answer = (of: readonly string[]) => Promise.all(of.map((runId) => world.answer(runId, { answer: { ok: true } })));
    const began = await world.start([first]);
    const ids = await Promise.all(Array.from({ length: 200 }, () => world.accept(first, "w")));
    await all(({ status }) => status === "waiting");

    const { stop } = await world.start([unfitting]);
    await answer(ids.slice(0, 100)); // both versions are there
    await began.stop();
    await answer(ids.slice(100)); // only the one that does not fit
    await all(({ parked: why }) => why !== undefined, ids.slice(100));
    await stop();
    await world.start([fitting]);
    await all(({ status }) => status === "completed", ids.slice(100));
    await world.start([first]); // for those that were handed over behind their question

    await all(({ status }) => status === "completed");
    for (const { output, metrics } of await world.store.runs.list({}, { limit: 200 })) {
      expect([
        ["one", "two"],
        ["one", "other"],
      ]).toContainEqual(output.log);
      expect(metrics.nodes_executed).toBe(3);
    }
  });
});

/** A run that stands before this step, behind its first one, and that nobody has. */
async function aRunBefore(world: World, definition: OperatorDefinition, position: string, { registered = true } = {}): Promise<string> {
  if (registered) await world.store.manifests.register(definition.manifest, definition.version);
  const runId = await world.accept(definition, "w");
  const { claimed } = await world.store.runs.claim({ runId, wake: 0, owner: "before" });
  if (claimed === undefined) throw new Error("not claimed");
  const write = { runId, attempt: 1, step: 1, status: "running", state: { log: ["one"] }, position } as const;
  await world.store.runs.write({ ...write, metrics: claimed.run.metrics, outbox: claimed.outbox });
  await world.store.runs.release({ runId, attempt: 1, owner: "before" });
  return runId;
}
