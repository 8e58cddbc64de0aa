/** What a workflow says about its steps as a whole, as data, and what of it is refused at load. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { end, goto, operator, sleep, workflow } from "./index.ts";
import type { Steps } from "./steps.ts";

const State = z.object({ text: z.string().default(""), approved: z.boolean().default(false) });
type Chain = Steps<z.output<typeof State>, never>;
const begin = (options: object = {}) => workflow("w", { state: State, ...options }) as unknown as Chain;
const load = (chain: unknown) => operator("op", { name: "Op", workflows: [chain as never] }).manifest.workflows[0];
const fault = (make: () => unknown): string => {
  try {
    load(make());
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
};
const noop = () => {};
const ask = { model: "haiku", user: "?", output: "text" } as const;

describe("a route", () => {
  test("is steps, straight on, another step or the end, as data", () => {
    const chain = begin()
      .node("first", noop)
      .branch("choose", () => "steps" as "steps" | "on" | "back" | "far" | "over", {
        steps: (arm) => arm.node("in_arm", noop),
        on: null,
        back: "first",
        far: "last",
        over: end(),
      })
      .node("last", noop);

    expect(load(chain)?.steps[1]).toEqual({
      kind: "branch",
      id: "choose",
      routes: { steps: [{ kind: "node", id: "in_arm" }], on: [], back: { goto: "first" }, far: { goto: "last" }, over: { end: true } },
    });
  });

  test.each<[to: unknown, message: string]>([
    ["lats", 'step choose, route "a": leads to "lats", which is no step; did you mean "last"?'],
    ["", "which is no step; steps are first, choose, again, in_loop, last"],
    ["in_loop", "leads to in_loop, which stands in a loop that choose does not"],
    [end({ text: "x" }), 'route "a" must be null, or a function'],
    [sleep("1h"), "or end() without a patch"],
    [goto("first"), 'route "a" must be null, or a function'],
    [7, 'route "a" must be null, or a function'],
  ])("%j is refused", (to, message) => {
    const said = fault(() =>
      begin()
        .node("first", noop)
        .branch("choose", () => "a", { a: to as null })
        .loop("again", { while: () => false, maxIterations: 1 }, (body) => body.node("in_loop", noop))
        .node("last", noop),
    );

    expect(said).toContain("operator op, workflow w");
    expect(said).toContain(message);
  });

  test.each(["again", "in_loop", "last"])("from inside a loop leads to %s", (to) => {
    const chain = begin()
      .loop("again", { while: () => false, maxIterations: 1 }, (body) => body.node("in_loop", noop).branch("choose", () => "a", { a: to }))
      .node("last", noop);

    expect(() => load(chain)).not.toThrow();
  });
});

describe("a condition", () => {
  test("stands in the manifest of each step that has one, and its code beside the step's", () => {
    const when = () => true;
    const definition = operator("op", {
      name: "Op",
      workflows: [
        workflow("w", { state: State })
          .llm("l", { ...ask, when })
          .node("n", noop, { when })
          .wait("p", "1d", { when })
          .human("h", { prompt: "?", answer: ["approved"], when })
          .node("plain", noop),
      ],
    });

    expect(definition.manifest.workflows[0]?.steps.map((step) => step.when)).toEqual([true, true, true, true, undefined]);
    const steps = definition.workflows.get("w")?.steps;
    expect(["l", "n", "p", "h"].map((id) => steps?.get(id)?.when)).toEqual([when, when, when, when]);
    expect(steps?.get("plain")).not.toHaveProperty("when");
  });

  const when = "big" as unknown as () => boolean;
  test.each<[name: string, make: () => unknown]>([
    ["llm", () => begin().llm("s", { ...ask, when })],
    ["node", () => begin().node("s", noop, { when })],
    ["wait", () => begin().wait("s", "1d", { when })],
    ["human", () => begin().human("s", { prompt: "?", answer: ["approved"], when })],
  ])("of a %s that is no function is refused", (_, make) => {
    expect(fault(make)).toContain("step s: when must be a function of the state");
  });

  test("is an option of a wait, the only one", () => {
    expect(fault(() => begin().wait("s", "1d", { whn: noop } as object))).toContain('there is no option "whn": did you mean "when"?');
  });
});

describe("a model step's attempts", () => {
  const llmOf = (options: object) => load(begin().llm("s", { ...ask, ...options }))?.steps[0];

  test.each<[options: object, expected: object]>([
    [{}, { attempts: 3 }],
    [{ retries: 1 }, { attempts: 2 }],
    [{ attempts: 1 }, { attempts: 1 }],
    [
      { retries: { attempts: 5, backoff: "1m", longest: "2h", jitter: 0 } },
      { attempts: 5, retries: { attempts: 5, backoff_ms: 60_000, factor: 2, longest_ms: 7_200_000, jitter: 0 } },
    ],
    [
      { fallback: ["sonnet", "opus"], cache: true },
      { fallback: ["sonnet", "opus"], cache: true },
    ],
    [{ cache: false }, { attempts: 3 }],
  ])("%j are data", (options, expected) => {
    const {
      kind: _,
      id: __,
      model: ___,
      max_tokens: ____,
      outputs: _____,
      reply: ______,
      ...rest
    } = { ...llmOf(options) } as Record<string, unknown>;

    expect({ attempts: 3, ...expected }).toEqual(rest);
  });

  test.each<[options: object, message: string]>([
    [{ retries: { attempts: 0 } }, "a whole number from 1 to 100"],
    [{ retries: { attempts: 2, dely: 1 } }, 'there is no option "dely"'],
    [{ retries: 1, attempts: 2 }, "give attempts or retries, not both"],
    [{ retries: "2" }, "retries must be a whole number"],
    [{ fallback: "sonnet" }, "fallback must be a list of 1 to 10 models"],
    [{ fallback: [] }, "fallback must be a list"],
    [{ fallback: ["sonnet", ""] }, "fallback must be a list"],
    [{ fallback: ["haiku"] }, "names a model twice, or the step's own"],
    [{ fallback: ["opus", "opus"] }, "names a model twice"],
    [{ cache: "5m" }, "cache must be true or false"],
  ])("%j are refused", (options, message) => {
    expect(fault(() => begin().llm("s", { ...ask, ...options }))).toContain(message);
  });
});

describe("how long a run may live", () => {
  test("is data", () => {
    expect(load(begin({ durable: { maxDays: 14 } }).node("n", noop))).toMatchObject({ durable: { max_days: 14 } });
    expect(load(begin({ checkpointed: true }).node("n", noop))).not.toHaveProperty("checkpointed");
    expect(load(begin({ checkpointed: false }).node("n", noop))).toMatchObject({ checkpointed: false });
  });

  test.each<[options: object, message: string]>([
    [{ durable: true }, "options are missing"],
    [{ durable: {} }, "maxDays must be a number above 0"],
    [{ durable: { maxDays: 0 } }, "maxDays must be a number above 0"],
    [{ durable: { maxDays: "14" } }, "maxDays must be a number above 0"],
    [{ durable: { maxDays: 4_000 } }, "up to 3660"],
    [{ durable: { maxDay: 14 } }, 'did you mean "maxDays"?'],
    [{ checkpointed: "no" }, "checkpointed must be true or false"],
    [{ durable: { maxDays: 14 }, checkpointed: false }, "give durable or checkpointed: false, not both"],
  ])("%j is refused", (options, message) => {
    expect(fault(() => begin(options).node("n", noop))).toContain(message);
  });
});

describe("a workflow that keeps no steps", () => {
  const unkept = () => begin({ checkpointed: false });

  test.each<[name: string, make: () => unknown, message: string]>([
    ["a wait", () => unkept().wait("s", "1h"), "step s: a .wait waits, which a workflow with checkpointed: false cannot"],
    ["a question", () => unkept().human("s", { prompt: "?", answer: ["approved"] }), "step s: a .human waits"],
    [
      "a wait deep inside",
      () =>
        unkept().branch("b", () => "a", {
          a: (arm) => arm.loop("l", { while: () => true, maxIterations: 2 }, (body) => body.wait("s", "1h")),
        }),
      "step s: a .wait waits",
    ],
    [
      "a long pause of a node",
      () => unkept().node("s", noop, { retries: { attempts: 2, longest: "1m" } }),
      "step s: retries: longest may be 30s at most",
    ],
    ["a long pause of a model", () => unkept().llm("s", { ...ask, retries: { attempts: 2, longest: "1m" } }), "longest may be 30s"],
  ])("refuses %s", (_, make, message) => {
    expect(fault(make)).toContain(message);
  });

  test("may have everything else", () => {
    const chain = unkept()
      .llm("a", ask)
      .node("n", noop, { retries: 3 })
      .branch("b", () => "x", { x: null })
      .loop("l", { while: () => true, maxIterations: 2 }, (body) => body.node("in", noop));

    expect(() => load(chain)).not.toThrow();
  });
});
