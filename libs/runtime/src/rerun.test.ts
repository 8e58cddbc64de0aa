/** Reruns, from the request to the end of the new run. */
import { isOpenVibeError, type JsonObject, type OperatorDefinition, type ProblemCode, silentLogger, systemClock } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Acceptor, createAcceptor, type RerunChanges } from "./accept/index.ts";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until, type World, type WorldOptions } from "./world-for-tests.ts";

const State = z.object({
  name: z.string().default(""),
  score: z.number().int().default(0),
  note: z.string().default(""),
  log: z.array(z.string()).default([]),
});

const definitionOf = (ending = "end") =>
  operator("shop", {
    name: "Shop",
    workflows: [
      workflow("qualify", { state: State })
        .node("enrich", (s) => ({ score: s.score + 1, log: [...s.log, "enrich"] }))
        .llm("write", { model: "haiku", system: "Be brief.", user: ({ name, score }) => `${name} ${score}`, output: "note" })
        .branch("tier", ({ score }) => (score > 5 ? "hot" : "cold"), {
          hot: (b) => b.node("call", (s) => ({ log: [...s.log, "call"] })),
          cold: null,
        })
        .node(ending, (s) => ({ log: [...s.log, "end"] })),
    ],
  });
const shop = definitionOf();

interface Shop extends World {
  readonly acceptor: Acceptor;
  ranOf(input?: JsonObject): Promise<string>;
  rerun(runId: string, changes: RerunChanges, key?: string): Promise<string>;
}

async function openShop(
  options: WorldOptions = {},
  { history = true, definition = shop }: { history?: boolean; definition?: OperatorDefinition } = {},
): Promise<Shop> {
  const script: WorldOptions["script"] = ({ model, user, system }) => `${model}: ${system} ${user}`;
  const world = openWorld({ script, ...options });
  const acceptor = createAcceptor({ store: world.store, bus: world.bus, clock: systemClock, logger: silentLogger });
  await world.start([definition], { history });
  return Object.assign(world, {
    acceptor,
    async ranOf(input: JsonObject = { name: "ACME" }) {
      const { run } = await acceptor.accept({ operatorId: "shop", trigger: "qualify", input, tags: { team: "a" } });
      await world.ended(run.runId);
      return run.runId;
    },
    async rerun(runId: string, changes: RerunChanges, idempotencyKey?: string) {
      const key = idempotencyKey === undefined ? {} : { idempotencyKey };
      const { run } = await acceptor.rerun({ run: await world.find(runId), changes, principal: "me", ...key });
      return run.runId;
    },
  });
}

const nodesOf = async (world: World, runId: string) =>
  (await world.told(runId)).filter(({ type }) => type === "node.completed").map(({ nodeId }) => nodeId);

describe.each(FORMS)("in the form %s a rerun", (form) => {
  test("from a step begins with the state that the step saw, and runs no step before it", async () => {
    await using world = await openShop({ form });
    const old = await world.ranOf();
    const before = await world.find(old);

    const runId = await world.rerun(old, { fromStep: "tier", state: { score: 9 } });

    expect(await world.ended(runId)).toMatchObject({
      status: "completed",
      rerunOf: old,
      input: { name: "ACME" },
      tags: { team: "a" },
      output: { name: "ACME", score: 9, note: "haiku: Be brief. ACME 1", log: ["enrich", "call", "end"] },
    });
    expect(await nodesOf(world, runId)).toEqual(["tier", "call", "end"]);
    expect(await world.find(old)).toEqual(before);
  });

  test("asks another model, with another prompt, at these steps only", async () => {
    await using world = await openShop({ form });
    const old = await world.ranOf();

    const runId = await world.rerun(old, { fromStep: "write", model: { write: "opus" }, prompt: { write: { user: "Again?" } } });

    expect((await world.ended(runId)).output.note).toBe("opus: Be brief. Again?");
    const again = await world.ranOf();
    expect((await world.find(again)).output.note).toBe("haiku: Be brief. ACME 1");
  });
});

describe("a rerun", () => {
  test("from the start has the same input, with what is laid over it", async () => {
    await using world = await openShop({}, { history: false });
    const old = await world.ranOf();

    const same = await world.ended(await world.rerun(old, {}));
    const other = await world.ended(await world.rerun(old, { input: { name: "Stripe" }, state: { score: 6 } }));

    expect(same).toMatchObject({ input: { name: "ACME" }, output: { score: 1 }, rerunOf: old });
    expect(other).toMatchObject({ input: { name: "Stripe", score: 6 }, output: { score: 7, log: ["enrich", "call", "end"] } });
  });

  test("from a step may have other input: what steps wrote lies over it", async () => {
    await using world = await openShop();
    const old = await world.ranOf();

    const run = await world.ended(await world.rerun(old, { fromStep: "write", input: { name: "Stripe", score: 100 } }));

    expect(run.output).toMatchObject({ name: "Stripe", score: 1, note: "haiku: Be brief. Stripe 1" });
  });

  test("of a rerun goes on from what that one began with", async () => {
    await using world = await openShop();
    const old = await world.ranOf();
    const second = await world.rerun(old, { fromStep: "write", state: { score: 9 }, model: { write: "opus" } });
    await world.ended(second);

    const third = await world.ended(await world.rerun(second, { fromStep: "end" }));

    expect(third).toMatchObject({
      rerunOf: second,
      output: { name: "ACME", score: 9, note: "opus: Be brief. ACME 9", log: ["enrich", "call", "end"] },
    });
    await expect(world.rerun(second, { fromStep: "enrich" })).rejects.toThrow("it came to write, tier, call, end");
  });

  test("of a run that failed can begin with the step that did", async () => {
    let broken = true;
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("qualify", { state: State })
          .node("one", () => ({ score: 5 }))
          .node("two", (s) => {
            if (broken) throw new Error("on purpose");
            return { score: s.score + 1 };
          }),
      ],
    });
    await using world = await openShop({}, { definition });
    const old = await world.ranOf();
    broken = false;

    const run = await world.ended(await world.rerun(old, { fromStep: "two" }));

    expect(run).toMatchObject({ status: "completed", output: { score: 6 } });
  });

  test("inside a loop has the passes that the loop had", async () => {
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("qualify", { state: State }).loop("repeat", { while: ({ score }) => score < 3, maxIterations: 3 }, (body) =>
          body.node("count", (s, ctx) => ({ score: s.score + 1, log: [...s.log, ctx.effectKey.replace(ctx.runId, "")] })),
        ),
      ],
    });
    await using world = await openShop({}, { definition });
    const old = await world.ranOf();

    const run = await world.ended(await world.rerun(old, { fromStep: "count" }));
    const more = await world.ended(await world.rerun(old, { fromStep: "count", state: { score: 0 } }));

    expect(run.output).toMatchObject({ score: 3, log: [":count:1", ":count:2", ":count:3"] });
    expect(more.error?.code).toBe("OV_LOOP_LIMIT");
  });

  test("keeps its changes over the death of its worker", async () => {
    await using world = await openShop();
    const old = await world.ranOf();
    const manifest = shop.manifest.workflows[0];
    if (manifest === undefined) throw new Error("no workflow");
    const overrides = { begin: { position: "enrich", state: { name: "ACME", score: 7 } }, model: { write: "opus" } };
    const inserted = { ...(await newRunOf(world, old)), overrides };
    await world.store.runs.insert(inserted);
    const { claimed } = await world.store.runs.claim({ runId: inserted.runId, wake: 0, owner: "before" });
    if (claimed === undefined) throw new Error("not claimed");
    const write = {
      runId: inserted.runId,
      attempt: 1,
      step: 1,
      status: "running",
      state: { name: "ACME", score: 8 },
      position: "write",
    } as const;
    await world.store.runs.write({ ...write, metrics: claimed.run.metrics, outbox: claimed.outbox });
    await world.store.runs.release({ runId: inserted.runId, attempt: 1, owner: "before" });

    await world.bus.queue.publish({ operatorId: "shop", runId: inserted.runId, kind: "start", wake: 0 });

    expect((await world.ended(inserted.runId)).output).toMatchObject({ score: 8, note: "opus: Be brief. ACME 8" });
  });

  test("that begins at a step is parked by a version without it", async () => {
    await using world = await openShop();
    const old = await world.ranOf();
    const overrides = { begin: { position: "end", state: {} } };
    await using other = openWorld();
    await other.store.manifests.register(shop.manifest, shop.version);
    const inserted = { ...(await newRunOf(world, old)), overrides };
    await other.store.runs.insert(inserted);
    await other.bus.queue.publish({ operatorId: "shop", runId: inserted.runId, kind: "start", wake: 0 });

    const { stop } = await other.start([definitionOf("finish")]);

    await until(async () =>
      expect((await other.find(inserted.runId)).parked).toMatchObject({ reason: "there is no step end", node_id: "end" }),
    );
    await stop();
    await other.start([shop]);
    expect((await other.ended(inserted.runId)).output).toEqual({ log: ["end"] });
  });

  test("with a key is one, for the same changes", async () => {
    await using world = await openShop();
    const old = await world.ranOf();

    const ids = await Promise.all(Array.from({ length: 10 }, () => world.rerun(old, { fromStep: "end" }, "k")));

    expect(new Set(ids).size).toBe(1);
    await expect(world.rerun(old, { fromStep: "tier" }, "k")).rejects.toSatisfy((error) =>
      isOpenVibeError(error, "OV_IDEMPOTENCY_MISMATCH"),
    );
  });
});

describe("a rerun is refused", () => {
  test.each<[string, RerunChanges, ProblemCode, string]>([
    ["from a step that is none", { fromStep: "twier" }, "OV_RERUN_INVALID", '/from_step: there is no step "twier"; did you mean "tier"?'],
    [
      "from a step it did not come to",
      { fromStep: "call" },
      "OV_RERUN_INVALID",
      "did not come to step call; it came to enrich, write, tier, end",
    ],
    [
      "with a model where none is asked",
      { model: { tier: "opus" } },
      "OV_RERUN_INVALID",
      "/model/tier: step tier is branch, and asks no model; allowed are write",
    ],
    [
      "with a prompt for a step that is none",
      { prompt: { wriet: { user: "" } } },
      "OV_RERUN_INVALID",
      '/prompt/wriet: there is no step "wriet"',
    ],
    [
      "with a field that is none",
      { fromStep: "tier", state: { scor: 1 } },
      "OV_RERUN_INVALID",
      '/state/scor: is no field of the state; did you mean "score"?',
    ],
    ["with a field of another type", { fromStep: "tier", state: { score: "high" } }, "OV_RERUN_INVALID", "/state/score: must be integer"],
    ["with input of another type", { input: { score: "high" } }, "OV_INPUT_INVALID", "/input/score"],
  ])("%s", async (_, changes, code, text) => {
    await using world = await openShop();
    const old = await world.ranOf();

    await expect(world.rerun(old, changes)).rejects.toSatisfy(
      (error) => isOpenVibeError(error, code) && error.message.includes(text) && error.errors.length > 0,
    );
    expect(await world.store.runs.list({}, { limit: 9 })).toHaveLength(1);
  });

  test("from a step when no history was kept, with what to do about it", async () => {
    await using world = await openShop({}, { history: false });
    const old = await world.ranOf();

    await expect(world.rerun(old, { fromStep: "tier" })).rejects.toSatisfy(
      (error) => isOpenVibeError(error, "OV_RUN_NOT_RERUNNABLE") && error.message.includes("OPENVIBE_HISTORY=true"),
    );
  });

  test("while the run has not ended", async () => {
    await using world = await openShop();
    const run = await world.store.runs.find(await world.ranOf());
    if (run === undefined) throw new Error("no run");

    for (const status of ["queued", "running", "waiting"] as const)
      await expect(world.acceptor.rerun({ run: { ...run, status }, changes: {}, principal: "me" })).rejects.toSatisfy((error) =>
        isOpenVibeError(error, "OV_RUN_NOT_RERUNNABLE"),
      );
  });
});

/** As the acceptor would make it. */
async function newRunOf(world: World, rerunOf: string) {
  const { operatorId, workflowId, trigger, input } = await world.find(rerunOf);
  const event = { type: "run.queued", time: "2026-11-22T10:30:00.000Z", data: {} };
  const runId = `${rerunOf.slice(0, -3)}zzz`;
  return { runId, operatorId, workflowId, trigger, definition: shop.version, input, ignoredInput: [], tags: {}, rerunOf, event };
}
