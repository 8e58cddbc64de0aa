/** Operators that ask each other. */
import { AsyncLocalStorage } from "node:async_hooks";
import { isOpenVibeError, type JsonValue, MAX_HOPS } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { pause } from "./patience.ts";
import { openWorld, until } from "./world-for-tests.ts";

const Asked = z.object({ company: z.string().default(""), size: z.int().default(0) });
const Asking = z.object({ heard: z.json().default(null), other: z.json().default(null) });

/** Answers `intel.research`; `work` is what its one node does. */
function intel(work: (company: string) => number | Promise<number>) {
  return operator("intel", {
    name: "Intel",
    workflows: [workflow("research", { state: Asked }).node("look_up", async (s) => ({ size: await work(s.company) }))],
    answers: {
      research: {
        workflow: "research",
        input(body) {
          if (typeof body !== "object" || body === null || !("company" in body)) throw new Error("company is missing");
          return { company: String(body.company) };
        },
        reply: (run) => ({ run_id: run.runId, size: run.output.size }),
      },
    },
  });
}

/** Asks `intel.research` in its one node; gives the answer, or the error's code and what the answerer called it. */
function shop(body: JsonValue, timeoutMs = 30_000) {
  return operator("shop", {
    name: "Shop",
    workflows: [
      workflow("ask", { state: Asking }).node("ask_intel", async (_, ctx) => {
        try {
          return { heard: await ctx.ask("intel.research", body, { timeoutMs }) };
        } catch (error) {
          if (!isOpenVibeError(error)) throw error;
          return { heard: { code: error.code, answered: error.extra.answered_code as string, message: error.message } };
        }
      }),
    ],
  });
}

describe("an ask", () => {
  test("is answered with what the answerer's run came to", async () => {
    const { heard, asked, asker } = await inBothForms(async (form) => {
      const asker = shop({ company: "Stripe" });
      await using world = openWorld({ form });
      await world.start([asker, intel((company) => company.length)]);

      const runId = await world.accept(asker, "ask");
      const { heard } = (await world.ended(runId)).output as { heard: { run_id: string; size: number } };
      return { heard: heard.size, asked: await outcomeOf(world, heard.run_id), asker: (await world.told(runId)).map(({ type }) => type) };
    });

    expect(heard).toBe(6);
    expect(asked).toMatchObject({ status: "completed", output: { company: "Stripe", size: 6 } });
    expect(asked.events.map(({ type, sequence }) => `${sequence} ${type}`)).toEqual([
      "0 run.queued",
      "1 run.started",
      "2 node.completed",
      "3 run.completed",
    ]);
    expect(asked.events[0]?.data).toEqual({ trigger: "request:research", workflow_id: "research" });
    expect(asker).toEqual(["run.queued", "run.started", "node.completed", "run.completed"]);
  });

  test("begins the answerer's run outside of the asking node: LangGraph would take it for a part of the asker's graph", async () => {
    const where = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const asker = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("ask", { state: Asking }).node("n", (_, ctx) =>
          where.run("in the asker's node", async () => {
            await ctx.ask("intel.research", { company: "Stripe" });
            seen.push(where.getStore());
          }),
        ),
      ],
    });
    const answerer = intel(() => seen.push(where.getStore()));
    await using world = openWorld();
    await world.start([asker, answerer]);

    expect((await world.ended(await world.accept(asker, "ask"))).status).toBe("completed");

    expect(seen).toEqual([undefined, "in the asker's node"]);
  });

  test.each<[what: string, body: JsonValue, code: string, message: string]>([
    ["the answerer's run fails", { company: "" }, "OV_RUN_NOT_COMPLETED", "no such company"],
    ["the answerer cannot read the question", { firm: "Stripe" }, "OV_REQUEST_INVALID", "company is missing"],
  ])("fails with the answerer's error when %s", async (_, body, code, message) => {
    const asker = shop(body);
    const answerer = intel((company) => {
      if (company === "") throw new Error("no such company");
      return 1;
    });
    await using world = openWorld();
    await world.start([asker, answerer]);

    const { output } = await world.ended(await world.accept(asker, "ask"));

    expect(output.heard).toMatchObject({ code: "OV_ASK_FAILED", answered: code, message: expect.stringContaining(message) });
  });

  test.each([
    ["with NUL", "a\0b"],
    ["too long for a database", "a".repeat(501)],
  ])("of a stranger under an id %s is refused, and makes no run", async (_, askId) => {
    await using world = openWorld();
    await world.start([intel(() => 1)]);
    const request = { body: { company: "Stripe" }, askId, deadlineAt: Date.now() + 30_000 };

    await expect(world.bus.requests.ask("intel", "research", request, AbortSignal.timeout(30_000))).rejects.toMatchObject({
      code: "OV_ASK_FAILED",
      extra: { answered_code: "OV_REQUEST_INVALID" },
      message: expect.stringContaining("up to 500 characters"),
    });
    expect(await world.store.runs.list({}, { limit: 1 })).toEqual([]);
  });

  test("fails the node that does not catch it", async () => {
    const asker = operator("shop", {
      name: "Shop",
      workflows: [workflow("ask", { state: Asking }).node("n", async (_, ctx) => ({ heard: await ctx.ask("nobody.research", {}) }))],
    });
    await using world = openWorld();
    await world.start([asker]);

    const { status, error } = await world.ended(await world.accept(asker, "ask"));

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_NO_RESPONDER", node_id: "n", message: expect.stringContaining("nobody.research") });
  });

  test.each(["research", "intel.", ".research", "intel.research.more", "Intel.research", "intel.*", ""])(
    "of %j is refused as a name",
    async (capability) => {
      const asker = operator("shop", {
        name: "Shop",
        workflows: [workflow("ask", { state: Asking }).node("n", async (_, ctx) => ({ heard: await ctx.ask(capability, {}) }))],
      });
      await using world = openWorld();
      await world.start([asker]);

      expect((await world.ended(await world.accept(asker, "ask"))).error).toMatchObject({ code: "OV_ID_INVALID" });
    },
  );

  test("ends at its own deadline; the answerer's run goes on to its end", async () => {
    const leave = Promise.withResolvers<number>();
    const asker = shop({ company: "Stripe" }, 50);
    await using world = openWorld();
    await world.start([asker, intel(() => leave.promise)]);

    const { output } = await world.ended(await world.accept(asker, "ask"));
    leave.resolve(7);

    expect(output.heard).toMatchObject({ code: "OV_ASK_TIMEOUT" });
    const [asked] = await world.store.runs.list({ operatorId: "intel" }, { limit: 1 });
    expect((await world.ended(asked?.runId ?? "")).output).toMatchObject({ size: 7 });
  });

  test.each([2_500_000_000, 20_000_000_000, 1_000.5])("may wait for %d ms", async (timeoutMs) => {
    const asker = shop({ company: "Stripe" }, timeoutMs);
    await using world = openWorld();
    await world.start([asker, intel(() => 1)]);

    expect((await world.ended(await world.accept(asker, "ask"))).output.heard).toMatchObject({ size: 1 });
  });

  test("and another in the same node are two questions, each with a run of its own", async () => {
    const asker = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("ask", { state: Asking }).node("n", async (_, ctx) => ({
          heard: await ctx.ask("intel.research", { company: "a" }),
          other: await ctx.ask("intel.research", { company: "bb" }),
        })),
      ],
    });
    await using world = openWorld();
    await world.start([asker, intel((company) => company.length)]);

    const { output } = await world.ended(await world.accept(asker, "ask"));

    expect(output).toMatchObject({ heard: { size: 1 }, other: { size: 2 } });
    expect(await world.store.runs.list({ operatorId: "intel" }, { limit: 10 })).toHaveLength(2);
  });

  test("asked again after a crash of the asker finds the first one's run", async () => {
    const { looked, output } = await inBothForms(async (form) => {
      const looked: string[] = [];
      const inside = Promise.withResolvers<void>();
      const asker = operator("shop", {
        name: "Shop",
        workflows: [
          workflow("ask", { state: Asking }).node("n", async (_, ctx) => {
            const { size } = await ctx.ask<{ size: number }>("intel.research", { company: "Stripe" });
            inside.resolve();
            if (ctx.attempt === 1) await new Promise(() => {});
            return { heard: size };
          }),
        ],
      });
      await using world = openWorld({ form, holdMs: 100 });
      await world.start([intel((company) => looked.push(company))]);
      using first = mortal(world);
      await world.start([asker], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
      const runId = await world.accept(asker, "ask");
      await inside.promise;

      await first.kill();
      await world.start([asker]);

      return { output: (await world.ended(runId)).output, looked };
    });

    expect(output).toEqual({ heard: 1 });
    expect(looked).toEqual(["Stripe"]);
  });
});

describe("operators that ask in circles", () => {
  const Depth = z.object({ depth: z.int().default(0), path: z.array(z.string()).default([]) });
  /** Asks `next` for one less until nothing is left. */
  const link = (id: string, next: string) =>
    operator(id, {
      name: id,
      workflows: [
        workflow("descend", { state: Depth }).node("ask", async (s, ctx) => {
          if (s.depth === 0) return { path: [id] };
          const below = await ctx.ask<string[]>(`${next}.descend`, s.depth - 1);
          return { path: [id, ...below] };
        }),
      ],
      answers: {
        descend: { workflow: "descend", input: (body) => ({ depth: Number(body) }), reply: (run) => [...(run.output.path ?? [])] },
      },
    });

  test.each([
    ["itself", [link("a", "a")], ["a", "a", "a", "a", "a", "a"]],
    ["a circle", [link("a", "b"), link("b", "c"), link("c", "a")], ["a", "b", "c", "a", "b", "c"]],
  ])("%s get their answers, deeper than there are slots", async (_, operators, path) => {
    await using world = openWorld();
    await world.start(operators, { slotsPerOperator: 1, requestSlots: 1 });
    const [first] = operators;
    if (first === undefined) throw new Error("no operator");

    const runId = await world.accept(first, "descend", { depth: 5 });

    expect((await world.ended(runId)).output).toEqual({ depth: 5, path });
    const runs = await world.store.runs.list({}, { limit: 10 });
    expect(runs).toHaveLength(6);
    for (const run of runs) {
      const told = await world.told(run.runId);
      expect(told.map(({ sequence, type, nodeId }) => [sequence, type, nodeId])).toEqual([
        [0, "run.queued", null],
        [1, "run.started", null],
        [2, "node.completed", "ask"],
        [3, "run.completed", null],
      ]);
      expect(run).toMatchObject({ status: "completed", attempt: 1, metrics: { nodes_executed: 1 } });
    }
  });
});

describe("slots", () => {
  test("of requests bound how many answers are made at a time", async () => {
    let inside = 0;
    let most = 0;
    const answerer = intel(async (company) => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
      return company.length;
    });
    const asker = shop({ company: "abc" });
    await using world = openWorld();
    await world.start([asker, answerer], { requestSlots: 2 });

    const runs = await Promise.all(Array.from({ length: 8 }, () => world.accept(asker, "ask")));
    for (const run of runs) expect((await world.ended(run)).output.heard).toMatchObject({ size: 3 });

    expect(most).toBe(2);
  });

  test("are free while a run waits for an answer, and its operator takes other runs meanwhile", async () => {
    const leave = Promise.withResolvers<number>();
    const busy = workflow("busy", { state: Asking }).node("n", () => ({ heard: "done" }));
    const ask = workflow("ask", { state: Asking }).node("n", async (_, ctx) => ({
      heard: await ctx.ask("intel.research", { company: "a" }),
    }));
    const asker = operator("shop", { name: "Shop", workflows: [busy, ask] });
    await using world = openWorld();
    await world.start([asker, intel(() => leave.promise)], { slotsPerOperator: 1 });
    const asking = await world.accept(asker, "ask");
    await until(async () => expect((await world.find(asking)).status).toBe("running"));

    const other = await world.accept(asker, "busy");

    expect((await world.ended(other)).status).toBe("completed");
    expect((await world.find(asking)).status).toBe("running");
    leave.resolve(1);
    expect((await world.ended(asking)).status).toBe("completed");
  });

  test("are freed once by a run that asks twice at a time", async () => {
    const leave = Promise.withResolvers<number>();
    let inside = 0;
    let most = 0;
    const busy = workflow("busy", { state: Asking }).node("n", async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    });
    const ask = workflow("ask", { state: Asking }).node("n", async (_, ctx) => {
      await Promise.all(["a", "b"].map((company) => ctx.ask("intel.research", { company })));
    });
    const asker = operator("shop", { name: "Shop", workflows: [busy, ask] });
    await using world = openWorld();
    await world.start([asker, intel(() => leave.promise)], { slotsPerOperator: 1 });
    const asking = await world.accept(asker, "ask");

    const others = await Promise.all(Array.from({ length: 5 }, () => world.accept(asker, "busy")));
    for (const other of others) expect((await world.ended(other)).status).toBe("completed");

    expect(most).toBe(1);
    leave.resolve(1);
    expect((await world.ended(asking)).status).toBe("completed");
  });

  test("that wait for a busy answerer wait no longer than the asker does", async () => {
    const leave = Promise.withResolvers<number>();
    const patient = shop({ company: "a" });
    const hurried = operator("hurry", {
      name: "Hurry",
      workflows: [
        workflow("ask", { state: Asking }).node("n", async (_, ctx) => {
          const error = await ctx.ask("intel.research", { company: "a" }, { timeoutMs: 50 }).catch((error: unknown) => error);
          return { heard: isOpenVibeError(error) ? error.code : "answered" };
        }),
      ],
    });
    await using world = openWorld();
    await world.start([patient, hurried, intel(() => leave.promise)], { requestSlots: 1 });
    const first = await world.accept(patient, "ask");
    await until(async () => expect(await world.store.runs.list({ operatorId: "intel" }, { limit: 5 })).toHaveLength(1));

    const second = await world.accept(hurried, "ask");

    expect((await world.ended(second)).output).toEqual({ heard: "OV_ASK_TIMEOUT" });
    await pause(100); // the answerer's clock may be a moment behind the asker's
    leave.resolve(1);
    expect((await world.ended(first)).status).toBe("completed");
    await pause(50);
    expect(await world.store.runs.list({ operatorId: "intel" }, { limit: 5 })).toHaveLength(1);
  });
});

describe("an answerer that stops", () => {
  test("hands the asked run back and is not held up by who waits; another one answers", async () => {
    const inside = Promise.withResolvers<void>();
    const seen: number[] = [];
    const answerer = operator("intel", {
      name: "Intel",
      workflows: [
        workflow("research", { state: Asked }).node("look_up", async (_, ctx) => {
          seen.push(ctx.attempt);
          inside.resolve();
          if (ctx.attempt === 1) await new Promise(() => {});
          return { size: 4 };
        }),
      ],
      answers: { research: { workflow: "research", input: () => ({}), reply: (run) => ({ size: run.output.size }) } },
    });
    const asker = shop({ company: "Stripe" });
    await using world = openWorld();
    await world.start([asker]);
    const first = await world.start([answerer], { drainTimeoutMs: 30 });
    const runId = await world.accept(asker, "ask");
    await inside.promise;
    await world.start([answerer]);

    await first.stop();
    const [asked] = await world.store.runs.list({ operatorId: "intel" }, { limit: 5 });
    // What the sweep does with a run that nobody owns.
    await world.bus.queue.publish({ operatorId: "intel", runId: asked?.runId ?? "", kind: "start", wake: 0 });

    expect((await world.ended(runId)).output).toEqual({ heard: { size: 4 } });
    expect(seen).toEqual([1, 2]);
  });
});

test.each([
  ["short", undefined],
  ["long", true],
])("a circle of %s questions comes to an end, which every asker hears", async (_, durable) => {
  const ring = operator("ring", {
    name: "Ring",
    workflows: [
      workflow("turn", { state: Asking }).node("n", async (_, ctx) => ({
        heard: await ctx.ask("ring.turn", null, durable === undefined ? {} : { durable }),
      })),
    ],
    answers: { turn: { workflow: "turn", input: () => ({}), reply: () => null } },
  });
  await using world = openWorld();
  await world.start([ring]);

  const first = await world.ended(await world.accept(ring, "turn"));

  const all = await world.store.runs.list({}, { limit: 100 });
  const counted = await Promise.all(all.map(async (run) => ({ run, hops: await world.store.runs.countHops(run.runId) })));
  const runs = counted.toSorted((a, b) => b.hops - a.hops);
  expect(first.error).toMatchObject({ code: "OV_ASK_FAILED", message: expect.stringContaining("most likely a circle; allowed are 16") });
  expect(runs.map(({ hops }) => hops)).toEqual(runs.map((_, n) => MAX_HOPS - n));
  expect(runs.map(({ run }) => run.error?.code)).toEqual(["OV_EVENT_LOOP", ...Array(MAX_HOPS).fill("OV_ASK_FAILED")]);
  expect(runs[0]?.run.error?.message).toMatch(
    /^run run_\S+ node n may not ask ring\.turn: 16 events, changes of context and questions in a row led here/,
  );
});

test("a question counts on from the event that its run's parent came from", async () => {
  const asked: (number | undefined)[] = [];
  const asker = operator("shop", {
    name: "Shop",
    workflows: [workflow("ask", { state: Asking }).node("n", async (_, ctx) => ({ heard: await ctx.ask("intel.research", null) }))],
  });
  await using world = openWorld();
  await using _answering = await world.bus.requests.answer("intel", "research", async ({ hops }) => asked.push(hops));
  const aRun = { ...NO_RUN, definition: asker.version, operatorId: "shop", workflowId: "ask", trigger: "ask" };
  await world.store.runs.insert({ ...aRun, runId: "run_top", cause: { kind: "event", event: {}, hops: 5 } });
  await world.start([asker]);

  const child = await world.accept(asker, "ask", {}, undefined, undefined, "run_top");
  await world.ended(child);
  await world.bus.queue.publish({ operatorId: "shop", runId: "run_top", kind: "start", wake: 0 });
  await world.ended("run_top");
  await world.ended(await world.accept(asker, "ask"));

  expect(asked).toEqual([6, 6, 1]);
});

const NO_RUN = { input: {}, ignoredInput: [], tags: {}, event: { type: "run.queued", time: "2026-11-28T10:00:00.000Z", data: {} } };
