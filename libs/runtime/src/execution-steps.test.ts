/** What a run does that goes well: the same in both graph forms. */
import type { JsonObject } from "@openvibe/core";
import { workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Outcome, runInBothForms } from "./forms-for-tests.ts";

const text = z.string().default("");
const typesOf = ({ events }: Outcome) => events.map(({ type, nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`));

describe("an llm step", () => {
  const Lead = z.object({ name: text, greeting: text, fit: z.int().default(0), tags: z.array(z.string()).default([]) });

  test("writes the text as it came into one field", async () => {
    const { status, output, metrics } = await runInBothForms({
      workflow: workflow("greet", { state: Lead }).llm("say", { model: "haiku", user: (s) => `Greet ${s.name}`, output: "greeting" }),
      input: { name: "Ada" },
      script: ({ user }) => `  \`\`\`${user}\`\`\`\n`,
    });

    expect(status).toBe("completed");
    expect(output).toEqual({ name: "Ada", greeting: "  ```Greet Ada```\n" });
    expect(metrics).toMatchObject({ nodes_executed: 1, nodes_failed: 0, llm_calls: 1 });
    expect(metrics.tokens_out).toBeGreaterThan(0);
  });

  test("writes JSON into several fields, and sends their schema", async () => {
    const schemas: unknown[] = [];
    const { output } = await runInBothForms({
      workflow: workflow("score", { state: Lead }).llm("judge", { model: "sonnet", user: "Judge!", outputs: ["fit", "tags"] }),
      script: ({ schema }) => {
        schemas.push(schema);
        return '```json\n{"fit": 7, "tags": ["a"]}\n```';
      },
    });

    expect(output).toEqual({ fit: 7, tags: ["a"] });
    expect(schemas[0]).toMatchObject({ type: "object", required: ["fit", "tags"], additionalProperties: false });
  });

  test("hands the reply to the author's code where that parses it", async () => {
    const { output } = await runInBothForms({
      workflow: workflow("score", { state: Lead }).llm("judge", {
        model: "haiku",
        system: "Be brief.",
        user: "Judge!",
        parse: (reply, s) => ({ fit: reply.length + s.tags.length }),
      }),
      input: { tags: ["x", "y"] },
      script: ({ system }) => system ?? "",
    });

    expect(output).toEqual({ tags: ["x", "y"], fit: "Be brief.".length + 2 });
  });

  test("tells in its event what it cost, and the run counts it", async () => {
    const { events, metrics } = await runInBothForms({
      workflow: workflow("greet", { state: Lead })
        .llm("one", { model: "haiku", user: "1", output: "greeting" })
        .llm("two", { model: "haiku", user: "2", output: "name" }),
      script: ({ user }) => ({
        content: user,
        tokensIn: 10,
        tokensOut: Number(user),
        cacheReadTokens: 3,
        cacheWriteTokens: 4,
        model: "m-1",
        costUsd: 0.25,
      }),
    });

    const completed = events.filter(({ type }) => type === "node.completed").map(({ data }) => data);
    expect(completed).toEqual([
      { tokens_in: 10, tokens_out: 1, cost_usd: 0.25 },
      { tokens_in: 10, tokens_out: 2, cost_usd: 0.25 },
    ]);
    expect(metrics).toEqual({
      tokens_in: 20,
      tokens_out: 3,
      cache_read_tokens: 6,
      cache_write_tokens: 8,
      cost_usd: 0.5,
      nodes_executed: 2,
      nodes_failed: 0,
      llm_calls: 2,
    });
  });
});

describe("a branch", () => {
  const State = z.object({ size: z.int().default(0), seen: z.array(z.string()).default([]), note: text, route: text });
  const sized = workflow("sized", { state: State })
    .node("begin", (s) => ({ seen: [...s.seen, "begin"] }))
    .branch("route", (s) => ({ route: s.size > 9 ? "big" : s.size > 4 ? "middle" : "small", set: { note: `size ${s.size}` } }), {
      big: (arm) => arm.node("big_one", (s) => ({ seen: [...s.seen, `big after ${s.note}`] })).node("big_two", () => ({})),
      middle: (arm) =>
        arm.branch("parity", (s) => (s.size % 2 === 0 ? "even" : "odd"), {
          even: (inner) => inner.node("even_one", (s) => ({ seen: [...s.seen, "even"] })),
          odd: null,
        }),
      small: null,
    })
    .node("finish", (s) => ({ seen: [...s.seen, "finish"] }));

  test.each<[size: number, seen: string[], route: string, positions: (string | null)[]]>([
    [10, ["begin", "big after size 10", "finish"], "big", ["route", "big_one", "big_two", "finish", null]],
    [6, ["begin", "even", "finish"], "middle", ["route", "parity", "even_one", "finish", null]],
    [5, ["begin", "finish"], "middle", ["route", "parity", "finish", null]],
    [1, ["begin", "finish"], "small", ["route", "finish", null]],
  ])("with %d sets its fields, takes one route, and rejoins", async (size, seen, route, positions) => {
    const { output, commits, events } = await runInBothForms({ workflow: sized, input: { size } });

    expect(output).toEqual({ size, seen, note: `size ${size}`, route });
    expect(commits.map(([, position]) => position)).toEqual(positions);
    expect(commits.map(([status]) => status)).toEqual([...positions.slice(1).map(() => "running"), "completed"]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index));
  });

  test("at the end can end the run by going straight on", async () => {
    const last = workflow("last", { state: State }).branch("choose", () => "away", { away: null });

    expect(await runInBothForms({ workflow: last })).toMatchObject({ status: "completed", output: {}, commits: [["completed", null]] });
  });

  test("sees what it set itself only in the arm, and its own field before the route when it wrote it", async () => {
    const own = workflow("own", { state: State }).branch("route", () => ({ route: "go", set: { route: "mine" } }), { go: null });

    expect((await runInBothForms({ workflow: own })).output).toEqual({ route: "mine" });
  });
});

describe("a run", () => {
  const State = z.object({ given: text, written: text, untouched: z.string().default("a default"), list: z.array(z.int()).default([1]) });

  test("tells its story in order, without gaps, ending with one terminal event that holds the output", async () => {
    const outcome = await runInBothForms({
      workflow: workflow("story", { state: State })
        .node("first", (_, ctx) => ctx.publish("lead.seen", { n: 1 }))
        .node("second", (_, ctx) => {
          ctx.publish("lead.seen", { n: 2 });
          return { written: "x" };
        }),
      input: { given: "y" },
    });

    expect(typesOf(outcome)).toEqual([
      "run.queued",
      "run.started",
      "lead.seen first",
      "node.completed first",
      "lead.seen second",
      "node.completed second",
      "run.completed",
    ]);
    expect(outcome.events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(outcome.events.at(-1)?.data).toMatchObject({ status: "completed", output: { given: "y", written: "x" } });
  });

  test("gives as output what was given or written, nothing else", async () => {
    const { output } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("n", (s) => ({ written: `${s.untouched} ${s.list}`, given: undefined })),
      input: { given: "y" },
    });

    expect(output).toEqual({ given: "y", written: "a default 1" });
  });

  test("has what it was given and has not changed once in its row", async () => {
    const Given = z.object({
      lead: z.object({ name: text }).default({ name: "" }),
      list: z.array(z.int()).default([1]),
      written: text,
    });
    const failing = workflow("w", { state: Given })
      .node("write", () => ({ written: "x" }))
      .node("fail", () => {
        throw new Error("no");
      });
    const stateOf = async (input: JsonObject) => (await runInBothForms({ workflow: failing, input })).state;

    expect(await stateOf({ lead: { name: "Ann" }, list: [1, 2] })).toEqual([["lead", "list"], { written: "x" }]);
    expect(await stateOf({ lead: { name: "Ann", fax: "1" }, list: [1, 2] })).toEqual({ lead: { name: "Ann" }, list: [1, 2], written: "x" });
    expect(await stateOf({ lead: {}, list: [1] })).toEqual({ lead: { name: "" }, list: [1], written: "x" });
  });

  test("drops input that is no field of the state, and says so", async () => {
    const seen: JsonObject[] = [];
    const { ignoredInput, output } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("n", (s) => void seen.push(s as unknown as JsonObject)),
      input: { given: "y", nonsense: 1, more: { a: 1 } },
    });

    expect(ignoredInput).toEqual(["nonsense", "more"]);
    expect(output).toEqual({ given: "y" });
    expect(Object.keys(seen[0] ?? {})).toEqual(["given", "written", "untouched", "list"]);
  });

  test("fails with the path when its input does not fit the state", async () => {
    const { status, error } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("n", () => ({})),
      input: { list: [1, "two"] },
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_INPUT_INVALID", message: expect.stringContaining("/list/1") });
  });

  test("may have more steps than LangGraph walks by default", async () => {
    const State = z.object({ count: z.int().default(0) });
    const steps = Array.from({ length: 59 }, (_, index) => `step_${index}`);
    type Chain = ReturnType<typeof begin>;
    const begin = () => workflow("long", { state: State }).node("first", (s) => ({ count: s.count + 1 }));
    const long = steps.reduce<Chain>((chain, id) => chain.node(id as "x", (s) => ({ count: s.count + 1 })) as unknown as Chain, begin());

    const { output, metrics, commits } = await runInBothForms({ workflow: long });

    expect(output).toEqual({ count: 60 });
    expect(metrics.nodes_executed).toBe(60);
    expect(commits).toHaveLength(60);
  });
});

describe("the state that code gets", () => {
  const State = z.object({ list: z.array(z.int()).default([]), deep: z.object({ n: z.int() }).default({ n: 1 }), seen: text });
  const tamper = (s: object) => {
    const state = s as { list: number[]; deep: { n: number }; extra?: number };
    const tries = [() => state.list.push(9), () => Object.assign(state.deep, { n: 9 }), () => Object.assign(state, { extra: 9 })];
    return tries.map((attempt) => {
      try {
        attempt();
        return "changed";
      } catch {
        return "refused";
      }
    });
  };

  test("is frozen to its leaves, whether given, written or a default", async () => {
    const { output } = await runInBothForms({
      workflow: workflow("w", { state: State })
        .node("given_and_default", (s) => ({ seen: `${tamper(s)}`, deep: { n: 2 } }))
        .node("written", (s) => ({ seen: `${s.seen};${tamper(s)};${s.list},${s.deep.n}` })),
      input: { list: [1] },
    });

    const refused = "refused,refused,refused";
    expect(output).toEqual({ list: [1], deep: { n: 2 }, seen: `${refused};${refused};1,2` });
  });

  test("shares nothing with what a node returned", async () => {
    const kept: number[][] = [];
    const { output } = await runInBothForms({
      workflow: workflow("w", { state: State })
        .node("give", () => {
          const list = [1];
          kept.push(list);
          return { list };
        })
        .node("change", () => void kept.at(-1)?.push(2)),
    });

    expect(kept).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(output).toEqual({ list: [1] });
  });

  test("is frozen for onComplete too", async () => {
    const seen: string[] = [];
    await runInBothForms({
      workflow: workflow("w", { state: State, onComplete: (s) => void seen.push(...tamper(s)) }).node("n", () => ({ list: [1] })),
    });

    expect(new Set(seen)).toEqual(new Set(["refused"]));
  });
});
