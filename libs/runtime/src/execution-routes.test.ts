/** Routes that lead elsewhere than behind their branch: to a step by its name, or to the end. */
import { end, goto, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { runInBothForms } from "./forms-for-tests.ts";

const State = z.object({ n: z.int().default(0), trail: z.array(z.string()).default([]) });
const begin = (options: { readonly onComplete?: () => void } = {}) => workflow("w", { state: State, ...options });
const nodesOf = ({ events }: Awaited<ReturnType<typeof runInBothForms>>) =>
  events.filter(({ type }) => type === "node.completed").map(({ nodeId }) => nodeId);

describe("a route", () => {
  test("to a step goes forwards and back, with what the branch has set", async () => {
    const outcome = await runInBothForms({
      workflow: begin()
        .node("start", (s) => ({ n: s.n + 1 }))
        .branch("choose", (s) => (s.n < 3 ? "again" : { route: "far", set: { trail: ["set"] } }), { again: "start", far: "last" })
        .node("between", () => ({ n: 100 }))
        .node("last", (s) => ({ trail: [...s.trail, "last"] })),
    });

    expect(outcome).toMatchObject({ status: "completed", output: { n: 3, trail: ["set", "last"] } });
    expect(nodesOf(outcome)).toEqual(["start", "choose", "start", "choose", "start", "choose", "last"]);
    expect(outcome.commits.map(([, position]) => position)).toEqual([
      "choose",
      "start~1",
      "choose~1",
      "start~2",
      "choose~2",
      "last~2",
      null,
    ]);
  });

  test.each([undefined, "told"])("to the end ends the run there (onComplete: %s)", async (told) => {
    const seen: string[] = [];
    const outcome = await runInBothForms({
      workflow: begin(told === undefined ? {} : { onComplete: () => void seen.push(told) })
        .branch("choose", () => ({ route: "over", set: { n: 1 } }), { over: end() })
        .node("never", () => ({ n: 100 })),
    });

    expect(outcome).toMatchObject({ status: "completed", output: { n: 1 } });
    expect(nodesOf(outcome)).toEqual(["choose"]);
    expect(seen).toEqual(told === undefined ? [] : [told, told]);
  });

  test("out of a loop leaves it, and to the loop itself begins its next pass", async () => {
    const outcome = await runInBothForms({
      workflow: begin()
        .loop("outer", { while: (s) => s.trail.length < 9, maxIterations: 2 }, (body) =>
          body.loop("inner", { while: () => true, maxIterations: 4 }, (inner) =>
            inner
              .node("count", (s, ctx) => ({ n: s.n + 1, trail: [...s.trail, ctx.effectKey.split(":").slice(1).join(" ")] }))
              .branch("choose", (s) => (s.n === 1 ? "next" : s.n === 2 ? "around" : "out"), { next: "inner", around: "outer", out: "last" })
              .node("never", () => ({ n: 100 })),
          ),
        )
        .node("last", (s, ctx) => ({ trail: [...s.trail, ctx.effectKey.split(":").slice(1).join(" ")] })),
    });

    expect(outcome).toMatchObject({ status: "completed" });
    expect(outcome.output.trail).toEqual(["count 1.1", "count 1.2", "count 2.1", "last 0"]);
  });

  test("back gives nodes that are done again effect keys of their own, so that the outside world does not take them for the first time", async () => {
    const keys = (s: { trail: string[] }, ctx: { effectKey: string }) => [...s.trail, ctx.effectKey.split(":").slice(1).join(" ")];
    const outcome = await runInBothForms({
      workflow: begin()
        .node("charge", (s, ctx) => ({ n: s.n + 1, trail: keys(s, ctx) }))
        .loop("l", { while: (s) => s.n < 3, maxIterations: 5 }, (body) =>
          body
            .node("first", (s, ctx) => ({ n: s.n + 1, trail: keys(s, ctx) }))
            .node("within", (s, ctx) => (s.n === 2 ? goto("first", { trail: keys(s, ctx) }) : { trail: keys(s, ctx) })),
        )
        .node("back", (s, ctx) => (s.n < 4 ? goto("charge", { trail: keys(s, ctx) }) : goto("last", { trail: keys(s, ctx) })))
        .node("never", () => ({ n: 100 }))
        .node("last", (s, ctx) => ({ trail: keys(s, ctx) })),
    });

    expect(outcome.output.trail).toEqual([
      ...["charge 0", "first 1", "within 1", "first 1~1", "within 1~1"],
      ...["back 0~1", "charge 0~2", "back 0~2", "last 0~2"],
    ]);
  });

  test("to its own loop counts as a pass: the loop's limit holds", async () => {
    const { status, error } = await runInBothForms({
      workflow: begin().loop("l", { while: () => true, maxIterations: 3 }, (body) =>
        body.node("count", (s) => ({ n: s.n + 1 })).branch("choose", () => "next", { next: "l" }),
      ),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_LOOP_LIMIT" });
  });
});
