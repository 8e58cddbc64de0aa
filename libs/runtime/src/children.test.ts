/** Runs that begin other runs, and wait for them. */
import type { JsonObject } from "@openvibe/core";
import { type AnyWorkflow, goto, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const shop = (...workflows: AnyWorkflow[]) => operator("shop", { name: "Shop", workflows });

const Company = z.object({ name: z.string().default(""), employees: z.number().default(0), note: z.string().default("") });
/** Says what it is told in `note`: `wait`, or a failure. */
const research = workflow("research", { state: Company })
  .branch("how", (s) => (s.note === "wait" ? "wait" : "look"), {
    wait: (arm) => arm.human("ask", { prompt: "Well?", answer: ["employees"] }),
    look: null,
  })
  .node("count", (s) => {
    if (s.note === "fail") throw new Error(`nobody knows ${s.name}`);
    return { employees: s.employees || s.name.length };
  });

const Lead = z.object({
  company: z.string().default("Stripe"),
  how: z.string().default(""),
  found: z.object({ employees: z.number(), name: z.string().optional(), note: z.string().optional() }).optional(),
  employees: z.number().default(0),
  problem: z.string().default(""),
});
const lead = () => workflow("lead", { state: Lead });
const asked = { workflow: research, input: (s: z.output<typeof Lead>) => ({ name: s.company, note: s.how }) };

/** The children of a run, once there are so many. */
const childrenOf = (world: World, runId: string, count = 1) =>
  until(async () => {
    const found = await world.childrenOf(runId);
    expect(found).toHaveLength(count);
    return found;
  });

describe.each(FORMS)("in the form %s", (form) => {
  describe("a run of another workflow", () => {
    test("is an ordinary run, which its parent waits for without a slot; its output becomes state", async () => {
      const definition = shop(
        lead()
          .node("before", () => ({ how: "" }))
          .run("look_up", { ...asked, output: "found" }),
        research,
      );
      await using world = openWorld({ form });
      await world.start([definition], { slotsPerOperator: 1 });
      const runId = await world.accept(definition, "lead", { company: "ACME" });

      const { output, status } = await world.ended(runId);

      expect([status, output]).toEqual(["completed", { company: "ACME", how: "", found: { name: "ACME", note: "", employees: 4 } }]);
      expect(await world.childrenOf(runId)).toMatchObject([
        { parentRunId: runId, operatorId: "shop", workflowId: "research", trigger: "child:look_up", status: "completed", deadline: null },
      ]);
      const told = (await world.told(runId)).map(({ type, nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`));
      expect(told).toEqual([
        "run.queued",
        "run.started",
        "node.completed before",
        "run.waiting look_up",
        "run.resumed look_up",
        "node.completed look_up",
        "run.completed",
      ]);
    });

    test("shows what it waits for, and goes on only when that has ended", async () => {
      const definition = shop(
        lead().run("look_up", { ...asked, map: (its, s) => ({ employees: (its.employees ?? 0) + s.company.length }) }),
        research,
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "lead", { how: "wait" });

      const { interrupt } = await world.waiting(runId);
      const [child] = await childrenOf(world, runId);
      expect(interrupt).toMatchObject({
        kind: "child",
        node_id: "look_up",
        data: { operator_id: "shop", workflow_id: "research", total: 1, begun: 1, open: [child?.runId] },
      });
      expect(world.row(runId)).toMatchObject({ position: "look_up", owner: null });
      const told = (await world.events(runId)).find(({ type }) => type === "run.waiting");
      expect(told?.data).toEqual({
        kind: "child",
        operator_id: "shop",
        workflow_id: "research",
        total: 1,
        ended: 0,
        child_run_id: child?.runId,
      });
      await world.waiting(child?.runId ?? "");
      await world.answer(child?.runId ?? "", { answer: { employees: 100 } });

      expect((await world.ended(runId)).output).toMatchObject({ employees: 106 });
    });

    test.each([
      ["failed", { how: "fail" }, "nobody knows Stripe"],
      ["cancelled", { how: "wait" }, "ended cancelled"],
    ])("that ends %s fails its parent, which says which and why", async (status, input, why) => {
      const definition = shop(lead().run("look_up", asked), research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "lead", input);
      const [child] = await childrenOf(world, runId);
      if (status === "cancelled") {
        await world.waiting(child?.runId ?? "");
        await world.cancel(child?.runId ?? "");
      }

      const { error } = await world.ended(runId);

      expect(error).toMatchObject({ code: "OV_CHILD_FAILED", node_id: "look_up", message: expect.stringContaining(why) });
      expect(error?.message).toContain(child?.runId);
    });

    test("that fails may be made fields of the state instead", async () => {
      const definition = shop(
        lead().run("look_up", {
          ...asked,
          output: "found",
          onFailure: ({ status, error, runId }, s) => ({ problem: `${s.company} ${status} ${error?.code} ${runId.startsWith("run_")}` }),
        }),
        research,
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { status, output } = await world.ended(await world.accept(definition, "lead", { how: "fail" }));

      expect([status, output]).toEqual(["completed", { how: "fail", problem: "Stripe failed OV_NODE_FAILED true" }]);
    });

    test("has the sooner one of its parent's deadline and its step's timeout, and its parent's trace", async () => {
      const definition = shop(lead().run("look_up", { ...asked, timeout: "1h" }), research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const [now, minute] = [Date.now(), 60_000];
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

      const soon = await world.accept(definition, "lead", { how: "wait" }, now + minute, traceparent);
      const late = await world.accept(definition, "lead", { how: "wait" }, now + 1_000 * minute);

      expect(await childrenOf(world, soon)).toMatchObject([{ deadline: now + minute, traceparent }]);
      const [child] = await childrenOf(world, late);
      expect(child?.deadline).toBeGreaterThan(now + 59 * minute);
      expect(child?.deadline).toBeLessThan(now + 62 * minute);
    });

    test("that takes longer than the step's timeout counts as failed", async () => {
      const definition = shop(lead().run("look_up", { ...asked, timeout: 1, onFailure: ({ status }) => ({ problem: status }) }), research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "lead", { how: "wait" });

      await until(async () => {
        await world.timeOut();
        expect((await world.find(runId)).completedAt).not.toBeNull();
      });

      expect((await world.find(runId)).output).toMatchObject({ problem: "timed_out" });
    });

    test.each([
      [
        "input that does not fit its schema",
        { ...asked, input: () => ({ employees: "many" as unknown as number }) },
        "OV_INPUT_INVALID",
        "/input/employees",
      ],
      ["input that is no JSON", { ...asked, input: () => ({ name: new Date() as unknown as string }) }, "OV_INPUT_INVALID", "/name"],
      [
        "input that is no object",
        { ...asked, input: () => "Stripe" as unknown as { name: string } },
        "OV_INPUT_INVALID",
        "must be an object",
      ],
      ["a workflow that its operator has not", { operator: "shop", workflow: "reserch" }, "OV_TRIGGER_NOT_FOUND", "did you mean"],
    ])("is not begun with %s: that fails the step", async (_, options, code, words) => {
      const definition = shop(lead().run("look_up", options as unknown as typeof asked), research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "lead");

      const { error } = await world.ended(runId);

      expect(error).toMatchObject({ code, node_id: "look_up", message: expect.stringContaining(words) });
      expect(await world.childrenOf(runId)).toEqual([]);
    });

    test("of an operator that nobody knows yet waits for it as any run", async () => {
      const definition = shop(lead().run("look_up", { ...asked, operator: "intel", map: (its) => ({ employees: its.employees }) }));
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "lead");
      await world.waiting(runId);
      expect(await childrenOf(world, runId)).toMatchObject([
        { operatorId: "intel", workflowId: "research", status: "queued", definition: "" },
      ]);

      await world.start([operator("intel", { name: "Intel", workflows: [research] })]);

      expect((await world.ended(runId)).output).toMatchObject({ employees: 6 });
    });

    test("begins anew in each pass of a loop, and when a goto comes back to it", async () => {
      const Twice = Lead.extend({ passes: z.number().default(0), again: z.boolean().default(false) });
      const twice = workflow("twice", { state: Twice })
        .loop("passes", { while: (s) => s.passes < 2, maxIterations: 5 }, (body) =>
          body.run("inside", {
            workflow: research,
            input: (s) => ({ name: `pass ${s.passes}` }),
            map: (_, s) => ({ passes: s.passes + 1 }),
          }),
        )
        .run("outside", { workflow: research, input: (s) => ({ name: `again ${s.again}` }) })
        .node("back", (s) => (s.again ? {} : goto("outside", { again: true })));
      const definition = shop(twice, research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "twice");

      expect((await world.ended(runId)).status).toBe("completed");
      expect((await world.childrenOf(runId)).map(({ input }) => input.name)).toEqual(["pass 0", "pass 1", "again false", "again true"]);
    });

    test("may begin one itself, until 16 stand above each other", async () => {
      const Depth = z.object({ depth: z.number().default(0) });
      const nested = workflow("nested", { state: Depth }).run("deeper", {
        workflow: "nested",
        input: (s) => ({ depth: s.depth + 1 }),
        onFailure: ({ error }, s) => {
          if (error?.code !== "OV_CHILD_DEPTH") throw new Error(`${error?.code}`);
          return { depth: s.depth };
        },
        map: (its) => ({ depth: Number(its.depth) }),
      });
      const definition = shop(nested);
      await using world = openWorld({ form });
      await world.start([definition]);

      const { status, output } = await world.ended(await world.accept(definition, "nested"));

      expect([status, output]).toEqual(["completed", { depth: 15 }]);
      const all = await world.store.runs.list({}, { limit: 100 });
      expect(all).toHaveLength(17);
      const refused = all.filter(({ error }) => error !== null);
      expect(refused.map(({ error, input }) => [error?.code, input.depth])).toEqual([["OV_CHILD_DEPTH", 16]]);
      expect(refused[0]?.error?.message).toContain("16");
    });
  });

  describe("a parent that ends", () => {
    const three = () => shop(lead().run("look_up", { workflow: "middle", input: (s) => ({ how: s.how }) }), middle, research);
    const middle = workflow("middle", { state: Lead }).run("look_up", { workflow: research, input: (s) => ({ note: s.how }) });
    const threeWaiting = async (world: World, definition: ReturnType<typeof three>) => {
      const runId = await world.accept(definition, "lead", { how: "wait" });
      const [child] = await childrenOf(world, runId);
      const [grandchild] = await childrenOf(world, child?.runId ?? "");
      for (const id of [runId, child?.runId, grandchild?.runId]) await world.waiting(id ?? "");
      return [runId, child?.runId ?? "", grandchild?.runId ?? ""] as const;
    };

    test("by a cancel cancels its children, and theirs", async () => {
      const definition = three();
      await using world = openWorld({ form });
      await world.start([definition]);
      const all = await threeWaiting(world, definition);

      await world.cancel(all[0]);

      for (const runId of all) expect(await world.ended(runId)).toMatchObject({ status: "cancelled" });
      for (const runId of all) expect((await world.told(runId)).at(-1)?.type).toBe("run.cancelled");
    });

    test("by its deadline takes them with it", async () => {
      const definition = three();
      await using world = openWorld({ form });
      await world.start([definition]);
      const all = await threeWaiting(world, definition);
      world.store.database.prepare("UPDATE runs SET deadline = 1 WHERE run_id = ?").run(all[0]);

      await world.timeOut();

      const statuses = await Promise.all(all.map(async (runId) => (await world.ended(runId)).status));
      expect(statuses).toEqual(["timed_out", "cancelled", "cancelled"]);
    });

    test("while a child runs tells it so", async () => {
      const inside = Promise.withResolvers<void>();
      const long = workflow("long", { state: Lead }).node("work", async (_, ctx) => {
        inside.resolve();
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
      });
      const definition = shop(lead().run("look_up", { workflow: long }), long);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "lead");
      await Promise.all([inside.promise, world.waiting(runId)]);

      await world.cancel(runId);

      const [child] = await childrenOf(world, runId);
      expect(await world.ended(child?.runId ?? "")).toMatchObject({ status: "cancelled" });
    });
  });

  describe("a run for each item", () => {
    const Batch = z.object({
      names: z.array(z.string()).default([]),
      found: z.array(z.object({ employees: z.number(), name: z.string(), note: z.string().optional() })).default([]),
      ends: z.array(z.unknown()).default([]),
      total: z.number().default(0),
    });
    const batch = () => workflow("batch", { state: Batch });
    const items = { workflow: research, items: (s: z.output<typeof Batch>) => s.names };
    const named = (count: number) => Array.from({ length: count }, (_, n) => "x".repeat(n + 1));

    test("gives the results in the order of the items, whichever ends first", async () => {
      const turns = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
      const slow = workflow("slow", { state: z.object({ n: z.number().default(0) }) }).node("work", async ({ n }) => {
        await turns[n]?.promise;
        turns[n - 1]?.resolve();
        return { n: n * 10 };
      });
      const definition = shop(
        batch().each("all", {
          workflow: slow,
          items: () => [0, 1, 2, 3],
          input: (n, index) => ({ n: n === index ? n : -1 }),
          map: (all) => ({ ends: all.map(({ n }) => n) }),
        }),
        slow,
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "batch");
      await until(async () => expect(await world.childrenOf(runId)).toHaveLength(4));

      turns[3]?.resolve();

      expect((await world.ended(runId)).output).toEqual({ ends: [0, 10, 20, 30] });
    });

    test("keeps no more of them under way at a time than it is told", async () => {
      let [now, most] = [0, 0];
      const counted = workflow("counted", { state: Company }).node("work", async (s) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return { employees: s.name.length };
      });
      const definition = shop(
        batch().each("all", {
          ...items,
          workflow: counted,
          concurrency: 3,
          input: (name) => ({ name }),
          map: (all) => ({ ends: all.map((one) => one.employees) }),
        }),
        counted,
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "batch", { names: named(20) });

      expect((await world.ended(runId)).output.ends).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
      expect(most).toBeLessThanOrEqual(3);
      expect(await world.childrenOf(runId)).toHaveLength(20);
      const waited = (await world.told(runId)).filter(({ type }) => type === "run.waiting").map(({ data }) => data);
      expect(waited[0]).toEqual({ kind: "child", operator_id: "shop", workflow_id: "counted", total: 20, ended: 0 });
    });

    test("of an empty list is nothing to wait for", async () => {
      const definition = shop(batch().each("all", { ...items, input: (name) => ({ name }), output: "found" }), research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "batch");

      expect((await world.ended(runId)).output).toEqual({ found: [] });
      expect((await world.told(runId)).map(({ type }) => type)).not.toContain("run.waiting");
    });

    const noteOf = (name: string) => (name === "xx" ? "fail" : "");

    test("fails at the first child that does not complete, and cancels the others", async () => {
      const input = (name: string) => ({ name, note: name === "xx" ? "fail" : "wait" });
      const definition = shop(batch().each("all", { ...items, input, output: "found" }), research);
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "batch", { names: named(4) });

      expect((await world.ended(runId)).error).toMatchObject({
        code: "OV_CHILD_FAILED",
        message: expect.stringContaining("nobody knows xx"),
      });
      const children = await world.childrenOf(runId);
      await until(async () =>
        expect((await world.childrenOf(runId)).map(({ status }) => status).toSorted()).toEqual([
          "cancelled",
          "cancelled",
          "cancelled",
          "failed",
        ]),
      );
      expect(children).toHaveLength(4);
    });

    test("leaves it out where it is told to", async () => {
      const definition = shop(
        batch().each("all", { ...items, input: (name) => ({ name, note: noteOf(name) }), onFailure: "skip", output: "found" }),
        research,
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { output } = await world.ended(await world.accept(definition, "batch", { names: named(3) }));

      expect(output.found).toEqual([
        { name: "x", note: "", employees: 1 },
        { name: "xxx", note: "", employees: 3 },
      ]);
    });

    test("or collects all ends, each with its status", async () => {
      const definition = shop(
        batch().each("all", {
          ...items,
          input: (name) => ({ name, note: noteOf(name) }),
          onFailure: "collect",
          map: (all) => ({
            ends: all.map((one) => (one.status === "completed" ? one.output.employees : `${one.status}: ${one.error?.message}`)),
          }),
        }),
        research,
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { output } = await world.ended(await world.accept(definition, "batch", { names: named(3) }));

      expect(output.ends).toEqual([1, "failed: nobody knows xx", 3]);
    });

    test.each([
      ["more items than allowed", { items: () => ["a", "b", "c"], maxItems: 2 }, "OV_ITEMS_LIMIT", "3 items; allowed are 2"],
      ["no list", { items: () => "abc" as unknown as string[] }, "OV_NODE_FAILED", "allowed is a list"],
      ["an item whose input does not fit", { items: () => [1 as unknown as string] }, "OV_INPUT_INVALID", "/input/name"],
    ])("is refused %s", async (_, options, code, words) => {
      const definition = shop(batch().each("all", { workflow: research, ...options, input: (name: string) => ({ name }) }), research);
      await using world = openWorld({ form });
      await world.start([definition]);

      const { error } = await world.ended(await world.accept(definition, "batch"));

      expect(error).toMatchObject({ code, node_id: "all", message: expect.stringContaining(words) });
    });

    test("says so when its list is another one the next time", async () => {
      let asked = 0;
      const definition = shop(
        batch().each("all", { workflow: research, items: () => named(3 + asked++), concurrency: 1, input: (name) => ({ name }) }),
        research,
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { error } = await world.ended(await world.accept(definition, "batch"));

      expect(error?.message).toContain("4 items, and 3 when the step began");
    });

    test("does not read more results than a worker can hold", async () => {
      const large = workflow("large", { state: z.object({ text: z.string().default("") }) }).node("write", () => ({
        text: "x".repeat(400_000),
      }));
      const definition = shop(
        batch().each("all", { workflow: large, items: () => named(22), input: () => ({}), map: (all) => ({ total: all.length }) }),
        large,
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { error } = await world.ended(await world.accept(definition, "batch"));

      expect(error).toMatchObject({ code: "OV_STATE_TOO_LARGE", message: expect.stringContaining("results of its children") });
    });
  });
});

test("a run without children and parent asks for none", async () => {
  const asked: string[] = [];
  const definition = shop(lead().node("one", () => ({ employees: 1 })));
  await using world = openWorld();
  const noting = Object.fromEntries(
    Object.entries(world.store.children).map(([name, call]) => [
      name,
      (given: never) => {
        asked.push(name);
        return (call as (given: never) => Promise<JsonObject>)(given);
      },
    ]),
  ) as unknown as World["store"]["children"];
  await world.start([definition], { store: { ...world.store, children: noting } });

  await world.ended(await world.accept(definition, "lead"));

  expect(asked).toEqual([]);
});
