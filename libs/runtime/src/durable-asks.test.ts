/** Questions whose answers take long: the asking run waits without a worker, and its node finds the answer when it is run again. */
import { type Duration, isOpenVibeError, type NodeContext } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const Asked = z.object({ company: z.string().default(""), size: z.int().default(0), approved: z.boolean().default(false) });
const Asking = z.object({ heard: z.json().default(null), other: z.json().default(null) });

/** Answers `intel.research` once somebody has approved, `intel.quick` at once. */
const intel = (id = "intel") =>
  operator(id, {
    name: "Intel",
    workflows: [
      workflow("research", { state: Asked })
        .human("approve", { prompt: "Go on?", answer: ["approved"] })
        .node("look_up", (s) => {
          if (!s.approved) throw new Error("nobody wants to know");
          return { size: s.company.length };
        }),
      workflow("quick", { state: Asked }).node("look_up", (s) => ({ size: s.company.length })),
    ],
    answers: {
      research: { workflow: "research", input: (body) => ({ company: String(body) }), reply: (run) => run.output.size ?? null },
      quick: { workflow: "quick", input: (body) => ({ company: String(body) }), reply: (run) => run.output.size ?? null },
    },
  });

type Work = (ctx: NodeContext) => Promise<Partial<z.infer<typeof Asking>>>;
const shop = (work: Work) =>
  operator("shop", { name: "Shop", workflows: [workflow("ask", { state: Asking }).node("n", (_, ctx) => work(ctx))] });
const research = (ctx: NodeContext, company: string, timeout: Duration = "2h") => ctx.ask<number>("intel.research", company, { timeout });

async function codeOf(asking: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await asking);
  } catch (error) {
    return isOpenVibeError(error) ? error.code : String(error);
  }
}

type World = ReturnType<typeof openWorld>;

/** The runs that it asked for, once they wait for somebody's word. */
async function asked(world: World, runId: string, count = 1) {
  return await until(async () => {
    const children = await world.childrenOf(runId);
    expect(children.map(({ status }) => status)).toEqual(Array(count).fill("waiting"));
    return children;
  });
}

describe.each(FORMS)("in the form %s", (form) => {
  test("the asker waits without a worker, and gets the answer; what it kept is not done again, what it published leaves once", async () => {
    const done: string[] = [];
    const definition = shop(async (ctx) => {
      ctx.publish("question.asked", {});
      await ctx.once("before", () => void done.push("before"));
      const heard = await research(ctx, "Stripe");
      await ctx.once("after", () => void done.push("after"));
      return { heard };
    });
    await using world = openWorld({ form });
    await world.start([definition, intel()]);
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    const runId = await world.accept(definition, "ask", {}, undefined, traceparent);
    const [child] = await asked(world, runId);
    const waiting = await world.waiting(runId);

    expect(waiting.interrupt).toMatchObject({
      kind: "child",
      node_id: "n",
      data: { asks: [{ asked: "intel.research", run_id: child?.runId }] },
    });
    expect(world.row(runId).owner).toBeNull();
    expect(child).toMatchObject({ trigger: "request:research", parentRunId: runId, traceparent });
    expect(child?.deadline).toBeGreaterThan(Date.now() + 7_000_000);
    await world.answer(child?.runId ?? "", { answer: { approved: true } });
    const told = await world.told(runId);
    expect((await world.ended(runId)).output).toEqual({ heard: 6 });
    expect(done).toEqual(["before", "after"]);
    expect(told.map(({ type }) => type)).toEqual([
      ...["run.queued", "run.started", "run.waiting", "run.resumed", "question.asked", "node.completed", "run.completed"],
    ]);
    expect(told[2]?.data).toEqual({ kind: "child", asks: [{ asked: "intel.research", child_run_id: child?.runId }] });
  });

  test("whichever process dies in between, the answer comes, and nothing is asked twice", async () => {
    const definition = shop(async (ctx) => ({ heard: await research(ctx, "Stripe") }));
    await using world = openWorld({ form, holdMs: 100 });
    await world.start([intel()]);
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "ask");
    const [child] = await asked(world, runId);
    await world.waiting(runId);

    await first.kill();
    await world.answer(child?.runId ?? "", { answer: { approved: true } });
    await world.ended(child?.runId ?? "");
    await world.start([definition]);

    expect((await world.ended(runId)).output).toEqual({ heard: 6 });
    expect(await world.childrenOf(runId)).toHaveLength(1);
  });

  test("an asker that dies before it waits finds the run that it asked for", async () => {
    const reached = Promise.withResolvers<void>();
    const definition = shop(async (ctx) => {
      if (ctx.attempt > 1) return { heard: await research(ctx, "Stripe") };
      // Something else goes on, so that the node is not left.
      const other = ctx.once("hang", async () => {
        await until(async () => expect((await world.store.runs.list({ operatorId: "intel" }, { limit: 9 })).length).toBe(1));
        reached.resolve();
        await new Promise(() => {});
      });
      await Promise.all([research(ctx, "Stripe"), other]);
      return {};
    });
    await using world = openWorld({ form, holdMs: 100 });
    await world.start([intel()]);
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "ask");
    await reached.promise;

    await first.kill();
    await world.start([definition]);
    const [child] = await asked(world, runId);
    await world.waiting(runId);
    await world.answer(child?.runId ?? "", { answer: { approved: true } });

    expect((await world.ended(runId)).output).toEqual({ heard: 6 });
    expect(await world.childrenOf(runId)).toHaveLength(1);
  });
});

describe("a node", () => {
  test("may ask several at a time, and one after the other, also within ctx.once", async () => {
    const definition = shop(async (ctx) => {
      const both = await Promise.all([research(ctx, "a"), research(ctx, "bb")]);
      const third = await ctx.once("third", () => research(ctx, "ccc"));
      return { heard: both, other: [third, await ctx.ask("intel.quick", "dddd")] };
    });
    await using world = openWorld();
    await world.start([definition, intel()]);
    const runId = await world.accept(definition, "ask");
    const [first, second] = await asked(world, runId, 2);

    await world.answer(second?.runId ?? "", { answer: { approved: true } });
    await world.waiting(runId, 1);
    await world.answer(first?.runId ?? "", { answer: { approved: true } });
    const third = await until(async () => {
      const child = (await world.childrenOf(runId))[2];
      expect(child?.status).toBe("waiting");
      return child;
    });
    await world.answer(third?.runId ?? "", { answer: { approved: true } });

    expect((await world.ended(runId)).output).toEqual({ heard: [1, 2], other: [3, 4] });
    expect(await world.childrenOf(runId)).toHaveLength(3);
  });

  test("has the same answer each time, also when nobody serves the other operator any more", async () => {
    const definition = shop(async (ctx) => ({
      heard: await research(ctx, "a"),
      other: await ctx.ask<number>("other.research", "bb", { timeout: "2h" }),
    }));
    await using world = openWorld();
    await world.start([definition]);
    const first = await world.start([intel()]);
    await world.start([intel("other")]);
    const runId = await world.accept(definition, "ask");
    const [child] = await asked(world, runId);
    await world.answer(child?.runId ?? "", { answer: { approved: true } });
    const second = await until(async () => {
      const found = (await world.childrenOf(runId))[1];
      expect(found?.status).toBe("waiting");
      return found;
    });
    await world.waiting(runId, 1);

    await first.stop();
    await world.answer(second?.runId ?? "", { answer: { approved: true } });

    expect((await world.ended(runId)).output).toEqual({ heard: 1, other: 2 });
  });

  test("takes the answer of a program that begins no run", async () => {
    const definition = shop(async (ctx) => ({ heard: await ctx.ask<number>("abacus.count", "abc", { timeout: "2h" }) }));
    await using world = openWorld();
    await using _answering = await world.bus.requests.answer("abacus", "count", async ({ body }) => String(body).length);
    await world.start([definition]);

    expect((await world.ended(await world.accept(definition, "ask"))).output).toEqual({ heard: 3 });
  });

  test("hears of a run that failed, and of one that did not end in time", async () => {
    const definition = shop(async (ctx) => ({ heard: await codeOf(research(ctx, "a")), other: await codeOf(research(ctx, "b", "301s")) }));
    await using world = openWorld();
    await world.start([definition, intel()]);
    const runId = await world.accept(definition, "ask");
    const [first] = await asked(world, runId);
    await world.answer(first?.runId ?? "", { answer: { approved: false } });
    const late = await until(async () => {
      const child = (await world.childrenOf(runId))[1];
      expect(child?.status).toBe("waiting");
      return child;
    });
    await world.waiting(runId, 1);

    world.store.database.prepare("UPDATE runs SET deadline = 1 WHERE run_id = ?").run(late?.runId ?? "");
    await world.timeOut();

    expect((await world.ended(runId)).output).toEqual({ heard: "OV_ASK_FAILED", other: "OV_ASK_TIMEOUT" });
  });

  test("that asks where nobody answers knows at once, however long it would wait", async () => {
    const took: number[] = [];
    const definition = shop(async (ctx) => {
      const began = performance.now();
      const heard = await codeOf(ctx.ask("nobody.research", 1, { timeout: "30d" }));
      took.push(performance.now() - began);
      return { heard };
    });
    await using world = openWorld();
    await world.start([definition]);

    expect((await world.ended(await world.accept(definition, "ask"))).output).toEqual({ heard: "OV_NO_RESPONDER" });
    expect(took[0]).toBeLessThan(1_000);
  });

  test("whose run is cancelled cancels what it asked for", async () => {
    const definition = shop(async (ctx) => ({ heard: await research(ctx, "a") }));
    await using world = openWorld();
    await world.start([definition, intel()]);
    const runId = await world.accept(definition, "ask");
    const [child] = await asked(world, runId);
    await world.waiting(runId);

    await world.cancel(runId);

    expect((await world.ended(child?.runId ?? "")).status).toBe("cancelled");
  });

  test("that fails while it waits for an answer cancels what it asked for", async () => {
    const definition = shop(async (ctx) => {
      const late = ctx.once("late", async () => {
        await until(async () => expect((await world.store.runs.list({ operatorId: "intel" }, { limit: 1 })).length).toBe(1));
        throw new Error("no longer wanted");
      });
      return { heard: await Promise.all([research(ctx, "a"), late]) };
    });
    await using world = openWorld();
    await world.start([definition, intel()]);
    const runId = await world.accept(definition, "ask");

    expect((await world.ended(runId)).status).toBe("failed");
    const [child] = await world.childrenOf(runId);
    expect((await world.ended(child?.runId ?? "")).status).toBe("cancelled");
  });

  test("may say that a short question is durable, and that a long one is not", async () => {
    const definition = shop(async (ctx) => ({
      heard: await ctx.ask("intel.quick", "a", { durable: true }),
      other: await ctx.ask("intel.quick", "bb", { timeout: "2h", durable: false }),
    }));
    await using world = openWorld();
    await world.start([definition, intel()]);
    const runId = await world.accept(definition, "ask");

    expect((await world.ended(runId)).output).toEqual({ heard: 1, other: 2 });
    expect(await world.childrenOf(runId)).toHaveLength(1);
  });
});

describe("where a step cannot be left", () => {
  const no = (ctx: NodeContext) =>
    ctx.ask<number>("intel.quick", "a", { durable: true }).catch((error: unknown) => (isOpenVibeError(error) ? error.message : "?"));
  const kept = workflow("kept", { state: Asking }).branch(
    "b",
    async (_, ctx) => ({
      route: "on",
      set: { heard: await ctx.ask<number>("intel.quick", "abc", { timeout: "2h" }), other: await no(ctx) },
    }),
    { on: null },
  );
  const unkept = workflow("unkept", { state: Asking, checkpointed: false }).node("n", async (_, ctx) => ({ other: await no(ctx) }));

  test.each(["kept", "unkept"])("a long question is held, and one that must not be is refused: workflow %s", async (workflowId) => {
    const definition = operator("shop", { name: "Shop", workflows: [kept, unkept] });
    await using world = openWorld();
    await world.start([definition, intel()]);

    const { output } = await world.ended(await world.accept(definition, workflowId));

    expect(output.other).toContain("cannot be durable here");
    if (workflowId === "kept") expect(output.heard).toBe(3);
  });
});
