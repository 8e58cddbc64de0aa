import { describe, expect, test } from "vitest";
import type { Figures } from "./measure.ts";
import { toTable } from "./report.ts";
import { judge, type Round } from "./targets.ts";

const HAND: Figures = { p50_ms: 20, runs_per_s_100: 100 };
const MESH: Figures = { p50_ms: 10, runs_per_s_100: 500, runs_per_s_slow_10: 90, runs_per_s_slow_100: 425 };

const aRound = (mesh: Partial<Record<string, number>> = {}): Round => ({ handwritten: HAND, mesh: { ...MESH, ...mesh } as Figures });
const verdictOf = (rounds: readonly Round[], figure: string) => judge(rounds).find((verdict) => verdict.figure === figure);

describe("a target", () => {
  test.each([
    { figure: "p50_ms", value: 11, reached: true },
    { figure: "p50_ms", value: 11.1, reached: false },
    { figure: "runs_per_s_100", value: 500, reached: true },
    { figure: "runs_per_s_100", value: 499, reached: false },
    { figure: "runs_per_s_slow_10", value: 85, reached: true },
    { figure: "runs_per_s_slow_10", value: 84, reached: false },
  ])("of $figure is reached at $value: $reached", ({ figure, value, reached }) => {
    expect(verdictOf([aRound({ [figure]: value })], figure)?.reached).toBe(reached);
  });

  test("with the slow model at 100 in flight asks for 85 % of what the system reaches with the model at once", () => {
    expect(verdictOf([aRound()], "runs_per_s_slow_100")).toMatchObject({ value: 0.85, reached: true });
    expect(verdictOf([aRound({ runs_per_s_slow_100: 424 })], "runs_per_s_slow_100")?.reached).toBe(false);
  });

  test("with the slow model never asks for more than the model allows", () => {
    const fast = aRound({ runs_per_s_100: 3_000, runs_per_s_slow_100: 850 });

    expect(verdictOf([fast], "runs_per_s_slow_100")).toMatchObject({ value: 0.85, reached: true });
  });

  test("is judged by the median of the rounds' ratios, so that one slow round of the machine does no harm", () => {
    const slowMachine: Round = { handwritten: { ...HAND, p50_ms: 200 }, mesh: { ...MESH, p50_ms: 100 } };
    const badLuck = aRound({ p50_ms: 60 });

    expect(verdictOf([aRound(), slowMachine, badLuck], "p50_ms")).toMatchObject({ value: 0.5, reached: true });
  });

  test("is left out where its system, or what it is compared with, was not measured", () => {
    expect(judge([{ handwritten: HAND }])).toEqual([]);
    expect(judge([{ mesh: MESH }]).map(({ figure }) => figure)).toEqual(["runs_per_s_slow_10", "runs_per_s_slow_100"]);
  });
});

test("the table tells medians, ratios, and what is missed", () => {
  const systems = [
    { name: "handwritten", title: "hand-written" },
    { name: "mesh", title: "(b)" },
  ] as const;

  const table = toTable({ systems, rounds: [aRound({ runs_per_s_100: 400 }), aRound({ runs_per_s_100: 450 }), aRound()] });

  expect(table).toMatch(/^median +hand-written +\(b\) +\(b\) \/ hand-written$/m);
  expect(table).toMatch(/p50 ms +20\.00 +10\.00 +0\.50x \(<= 0\.55\) ok$/m);
  expect(table).toMatch(/100 in flight +100 +450 +4\.50x \(>= 5\) MISSED$/m);
  expect(table).toMatch(/10 in flight \(ideal 100\) +90\.0 +90\.0 % of its ideal \(>= 85 %\) ok$/m);
});
