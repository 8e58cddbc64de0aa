/** `ctx.once`: what a node's code has come to survives whatever makes the node run again. */
import { type JsonObject, type NodeContext, type OperatorDefinition, silentLogger } from "@openvibe/core";
import { type AnyWorkflow, goto, operator, workflow } from "@openvibe/sdk";
import type { Store } from "@openvibe/store";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal, storeIsAway } from "./faults-for-tests.ts";
import { type FORMS, inBothForms } from "./forms-for-tests.ts";
import { silentObserver } from "./observer.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const State = z.object({ log: z.array(z.string()).default([]), count: z.int().default(0), seen: z.unknown().default(null) });
const shop = (chain: AnyWorkflow) => operator("shop", { name: "Shop", workflows: [chain] });
const begin = () => workflow("w", { state: State });

const rows = ({ store }: World) =>
  store.database
    .prepare("SELECT place, key, result FROM sub_steps ORDER BY place, key")
    .all()
    .map((row) => Object.values(row).join(" "));

const calls = new Map<string, string[]>();
const callsOf = (runId: string) => calls.get(runId) ?? calls.set(runId, []).get(runId) ?? [];

/** Runs a workflow of one node; gives how it ended and what stood in the table then. */
async function runNode(
  run: (ctx: NodeContext) => unknown,
  options: { readonly retries?: number | { attempts: number; backoff: number } } = {},
) {
  return await inBothForms(async (form) => {
    const definition = shop(begin().node("n", async (_, ctx) => ({ seen: await run(ctx) }), options));
    await using world = openWorld({ form });
    await world.start([definition]);
    const runId = await world.accept(definition, "w");
    const { status, output, error } = await world.ended(runId);
    await until(() => expect(rows(world)).toEqual([]));
    const message = error?.message.replaceAll(runId, "the_run");
    return { status, output, error: { ...error, message } };
  });
}

/** The worker dies when the code says so; another one goes on. */
async function crashOnce(
  definition: OperatorDefinition,
  died: Promise<void>,
  form: (typeof FORMS)[number],
  beside: OperatorDefinition[] = [],
) {
  await using world = openWorld({ form, holdMs: 100 });
  using first = mortal(world);
  await world.start([definition, ...beside], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
  const runId = await world.accept(definition, "w");
  await died;
  const kept = rows(world);
  await first.kill();
  await world.start([definition, ...beside]);
  const { status, output, error } = await world.ended(runId);
  await until(() => expect(rows(world)).toEqual([]));
  return { status, output, error, kept };
}

describe("a result within a node", () => {
  test("is given again after a crash, and its code does not run again", async () => {
    const { calls, ...outcome } = await inBothForms(async (form) => {
      const calls: string[] = [];
      const died = Promise.withResolvers<void>();
      const definition = shop(
        begin()
          .node("before", (_, ctx) => ctx.once("fetch", () => void calls.push("before")))
          .node("n", async (s, ctx) => {
            const page = await ctx.once("fetch", async (effectKey) => {
              calls.push(`fetch ${effectKey.replace(ctx.runId, "run")}`);
              return { text: "\u0000 ü \ud800", nested: [1, null] };
            });
            await ctx.once("nothing", () => void calls.push("nothing"));
            if (ctx.attempt === 1) {
              died.resolve();
              await new Promise(() => {});
            }
            await ctx.once("later", () => void calls.push("later"));
            return { log: [...s.log, page.text, JSON.stringify(page.nested)] };
          }),
      );
      return { ...(await crashOnce(definition, died.promise, form)), calls };
    });

    expect(outcome).toMatchObject({ status: "completed", output: { log: ["\u0000 ü \ud800", "[1,null]"] } });
    expect(calls).toEqual(["before", "fetch run:n:0:fetch", "nothing", "later"]);
    expect(outcome.kept).toEqual([expect.stringMatching(/^n:0 fetch \{/), "n:0 nothing "]);
  });

  test("is given again by a retry of the same owner", async () => {
    const { output } = await runNode(
      async (ctx) => {
        const mine = callsOf(ctx.runId);
        await ctx.once("fetch", () => void mine.push("fetch"));
        mine.push("rest");
        if (mine.length < 4) throw new Error("the rest failed");
        return mine;
      },
      { retries: { attempts: 3, backoff: 1 } },
    );

    expect(output).toEqual({ seen: ["fetch", "rest", "rest", "rest"] });
  });

  test("has its code run once for two calls at a time, and gives each a copy", async () => {
    const { output } = await runNode(async (ctx) => {
      let calls = 0;
      const fetchIt = () => ctx.once("fetch", async () => ({ calls: ++calls }));
      const [one, two] = await Promise.all([fetchIt(), fetchIt()]);
      one.calls = 9;
      return [one, two, await fetchIt()];
    });

    expect(output).toEqual({ seen: [{ calls: 9 }, { calls: 1 }, { calls: 1 }] });
  });

  test("is not kept when its code throws: the next call runs it anew", async () => {
    const { output } = await runNode(async (ctx) => {
      let calls = 0;
      const flaky = () => ctx.once("fetch", () => (++calls < 3 ? Promise.reject(new Error(`no ${calls}`)) : calls));
      const failures = await Promise.allSettled([flaky(), flaky()]);
      const third = await flaky().catch((error: Error) => error.message);
      return [...failures.map((one) => (one.status === "rejected" ? String(one.reason.message) : "")), third, await flaky()];
    });

    expect(output).toEqual({ seen: ["no 1", "no 1", "no 2", 3] });
  });

  test("is another one in each pass of a loop, and on each visit of a node", async () => {
    const { output, calls } = await inBothForms(async (form) => {
      let calls = 0;
      const definition = shop(
        begin()
          .loop("twice", { while: (s) => s.log.length < 2, maxIterations: 2 }, (body) =>
            body.node("in", async (s, ctx) => ({ log: [...s.log, await ctx.once("key", () => `call ${++calls}`)] })),
          )
          .node("again", async (s, ctx) => {
            const log = [...s.log, await ctx.once("key", () => `call ${++calls}`)];
            return log.length < 4 ? goto("again", { log }) : { log };
          }),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      return { output: (await world.ended(await world.accept(definition, "w"))).output, calls };
    });

    expect(output).toEqual({ log: ["call 1", "call 2", "call 3", "call 4"] });
    expect(calls).toBe(4);
  });

  test("of an earlier visit does not count, though it was left behind", async () => {
    const died = Promise.withResolvers<void>();
    const definition = shop(
      begin().node("n", async (s, ctx) => {
        if (s.count === 1 && ctx.attempt === 1) {
          died.resolve();
          await new Promise(() => {});
        }
        const log = [...s.log, await ctx.once("key", () => `visit ${s.count}`)];
        return s.count === 0 ? goto("n", { count: 1, log }) : { log };
      }),
    );
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    const store = { ...first.store, subSteps: { ...first.store.subSteps, forget: () => Promise.reject(new Error("lost")) } };
    await world.start([definition], { store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "w");
    await died.promise;
    expect(rows(world)).toEqual(['n:0 key "visit 0"']);

    await first.kill();
    await world.start([definition]);

    expect((await world.ended(runId)).output).toEqual({ count: 1, log: ["visit 0", "visit 1"] });
  });

  test("does not change which answer a question gets when the node runs again", async () => {
    const asked: string[] = [];
    const answers = operator("oracle", {
      name: "Oracle",
      workflows: [workflow("w", { state: z.object({ q: z.string().default("") }) }).node("n", (s) => void asked.push(s.q))],
      answers: { reply: { workflow: "w", input: (body) => ({ q: String(body) }), reply: (run) => run.output.q ?? "" } },
    });
    const died = Promise.withResolvers<void>();
    const definition = shop(
      begin().node("n", async (_, ctx) => {
        const one = await ctx.once("ask", () => ctx.ask("oracle.reply", "inside"));
        const two = await ctx.ask("oracle.reply", "outside");
        if (ctx.attempt === 1) {
          died.resolve();
          await new Promise(() => {});
        }
        return { seen: [one, two] };
      }),
    );

    const { output } = await crashOnce(definition, died.promise, "segments", [answers]);

    expect(output).toEqual({ seen: ["inside", "outside"] });
    expect(asked).toEqual(["inside", "outside"]);
  });

  test.each<[what: string, use: (ctx: NodeContext) => unknown, code: string, message: string]>([
    [
      "a Map",
      (ctx) => ctx.once("k", () => new Map() as unknown as string),
      "OV_PATCH_INVALID",
      'result of ctx.once("k") at its top: a Map',
    ],
    ["a date inside", (ctx) => ctx.once("k", () => ({ at: new Date(0) }) as unknown as JsonObject), "OV_PATCH_INVALID", "at /at"],
    ["300 KB", (ctx) => ctx.once("k", () => "x".repeat(300_000)), "OV_BODY_TOO_LARGE", "has 300002 bytes of JSON; allowed are 262144"],
    [
      "5 MB in all",
      async (ctx) => {
        for (let n = 0; n < 25; n++) await ctx.once(`k${n}`, () => "x".repeat(200_000));
      },
      "OV_BODY_TOO_LARGE",
      "more than 4194304 bytes",
    ],
    [
      "1,001 keys",
      async (ctx) => {
        for (let n = 0; n <= 1_000; n++) await ctx.once(`k${n}`, () => n);
      },
      "OV_BODY_TOO_LARGE",
      "1000 keys already",
    ],
    ["an empty key", (ctx) => ctx.once("", () => 1), "OV_ID_INVALID", 'the key "" is not allowed'],
    ["a key with a line break", (ctx) => ctx.once("a\nb", () => 1), "OV_ID_INVALID", "none of them a control character"],
    ["half a character in a key", (ctx) => ctx.once("\ud800", () => 1), "OV_ID_INVALID", "is not allowed"],
    ["a number as key", (ctx) => ctx.once(7 as unknown as string, () => 1), "OV_ID_INVALID", "the key of type number"],
    [
      "an event inside",
      (ctx) => ctx.once("k", () => ctx.publish("lead.seen", {})),
      "OV_NODE_FAILED",
      'ctx.publish inside ctx.once("k"), whose code may not run again: publish behind it',
    ],
  ])("%s is refused, with what is allowed", async (_, use, code, message) => {
    const { status, error } = await runNode(use);

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code, node_id: "n", message: expect.stringContaining(message) });
  });

  test("of one who was only thought dead is refused, and its successor's stays", async () => {
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const refused: unknown[] = [];
    const definition = shop(
      begin().node("n", async (_, ctx) => {
        await ctx.once("early", () => ctx.attempt);
        inside.resolve();
        await leave.promise;
        await ctx.once("late", () => ctx.attempt).catch((error: unknown) => void refused.push(error));
      }),
    );
    await using world = openWorld();
    const observer = { ...silentObserver, activationsInflight: (change: number) => void (change < 0 && over.resolve()) };
    const slow = await world.start([definition], { observer });
    const runId = await world.accept(definition, "w");
    await inside.promise;
    await using _successor = await world.store.workers.beat({ owner: "successor", logger: silentLogger });
    world.store.database.prepare("DELETE FROM workers WHERE owner = ?").run(slow.engine.owner);
    expect((await world.store.runs.claim({ runId, wake: 0, owner: "successor" })).claimed?.run.attempt).toBe(2);

    leave.resolve();
    await over.promise;

    expect(refused).toMatchObject([{ code: "OV_RUN_LOST" }]);
    expect(rows(world)).toEqual(["n:0 early 1"]);
  });

  test("after the node has ended is refused", async () => {
    const late = Promise.withResolvers<unknown>();
    const definition = shop(
      begin()
        .node("n", (_, ctx) => {
          setTimeout(() => ctx.once("late", () => 1).then(late.resolve, late.resolve), 20);
        })
        .node("next", async () => void (await late.promise)),
    );
    await using world = openWorld();
    await world.start([definition]);

    expect(await world.ended(await world.accept(definition, "w"))).toMatchObject({ status: "completed" });
    expect(await late.promise).toMatchObject({ code: "OV_NODE_FAILED", message: expect.stringContaining("after the node had ended") });
  });

  test("waits for a store that is away", async () => {
    const definition = shop(begin().node("n", async (_, ctx) => ({ count: await ctx.once("k", () => 7) })));
    await using world = openWorld();
    let failures = 2;
    const store: Store = {
      ...world.store,
      subSteps: {
        ...world.store.subSteps,
        async keep(subStep) {
          const verdict = await world.store.subSteps.keep(subStep);
          if (failures-- > 0) storeIsAway();
          return verdict;
        },
      },
    };
    await world.start([definition], { store });

    expect(await world.ended(await world.accept(definition, "w"))).toMatchObject({ status: "completed", output: { count: 7 } });
    expect(failures).toBe(-1);
  });

  test("costs nothing where nobody has one: the store is not asked, also after a crash", async () => {
    const asked: string[] = [];
    const spied = (store: Store): Store => ({
      ...store,
      subSteps: {
        of: async () => {
          asked.push("of");
          return new Map();
        },
        keep: async () => {
          asked.push("keep");
          return "kept";
        },
        forget: async () => void asked.push("forget"),
      },
    });
    const inside = Promise.withResolvers<void>();
    const definition = shop(
      begin()
        .node("one", () => ({ count: 1 }))
        .node("two", async (_, ctx) => {
          inside.resolve();
          if (ctx.attempt === 1) await new Promise(() => {});
        }),
    );
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    await world.start([definition], { store: spied(first.store), bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "w");
    await inside.promise;
    await first.kill();
    await world.start([definition], { store: spied(world.store) });

    expect((await world.ended(runId)).status).toBe("completed");
    expect(asked).toEqual([]);
  });
});
