import { describe, expect, test } from "vitest";
import { firstCharacters } from "../shared/first-characters.ts";
import { readScore, routeLead } from "./scoring.ts";

const scores = (fit_score: number, intent_score: number, urgency_score: number) => ({ fit_score, intent_score, urgency_score });

describe("routeLead", () => {
  test.each([
    ["all full", scores(100, 100, 100), 100, "sales"],
    ["weights are 40, 35 and 25", scores(50, 20, 80), 47, "education"],
    ["an exact 80 is sales", scores(80, 80, 80), 80, "sales"],
    ["an exact 80 of unequal scores is exact", scores(90, 65, 85), 80, "sales"],
    ["just below 80 is nurture", scores(80, 80, 79), 79.75, "nurture"],
    ["an exact 50 is nurture", scores(50, 50, 50), 50, "nurture"],
    ["an exact 50 of unequal scores is exact", scores(41, 49, 65.8), 50, "nurture"],
    ["just below 50 is education", scores(50, 50, 49), 49.75, "education"],
    ["fit below 20 disqualifies", scores(19, 0, 0), 7.6, "disqualify"],
    ["fit below 20 disqualifies whatever the rest says", scores(19.9, 100, 100), 67.96, "disqualify"],
    ["fit of exactly 20 does not", scores(20, 0, 0), 8, "education"],
    ["fit of exactly 20 can be nurture", scores(20, 100, 100), 68, "nurture"],
    ["a missing score is 0", { fit_score: 100, intent_score: 100 }, 75, "nurture"],
    ["a missing fit is 0 and disqualifies", { intent_score: 100, urgency_score: 100 }, 60, "disqualify"],
    ["an object without scores disqualifies", {}, 0, "disqualify"],
    ["numeric texts count as numbers", { fit_score: "90", intent_score: "80", urgency_score: "80.0" }, 84, "sales"],
    ["anything else counts as missing", { fit_score: 100, intent_score: "high", urgency_score: null }, 40, "education"],
    ["a list is no number", { fit_score: [90], intent_score: 80, urgency_score: 80 }, 48, "disqualify"],
    ["the route that the model names is ignored", { ...scores(30, 30, 30), route: "sales" }, 30, "education"],
    ["zeros that the model itself gives disqualify", { ...scores(0, 0, 0), reasoning: "no data", route: "education" }, 0, "disqualify"],
  ])("%s", (_, score, composite, route) => {
    const routed = routeLead(score);

    expect(routed.route).toBe(route);
    expect(routed.composite).toBeCloseTo(composite, 10);
  });

  test("an exact 50 or 80 is exact for every whole number that makes one", () => {
    for (let fit = 20; fit <= 100; fit++) {
      for (let intent = 0; intent <= 100; intent++) {
        for (const [mark, route] of [
          [5000, "nurture"],
          [8000, "sales"],
        ] as const) {
          const urgency = (mark - 40 * fit - 35 * intent) / 25;
          if (!Number.isInteger(urgency) || urgency < 0 || urgency > 100) continue;
          expect(routeLead(scores(fit, intent, urgency))).toEqual({ route, composite: mark / 100 });
        }
      }
    }
  });
});

describe("readScore", () => {
  test("an object is kept as it is, fenced or not", () => {
    const reply = { ...scores(85, 70, 60), reasoning: "good", route: "sales", extra: [1] };

    expect(readScore(JSON.stringify(reply))).toEqual(reply);
    expect(readScore(`\`\`\`json\n${JSON.stringify(reply)}\n\`\`\``)).toEqual(reply);
    expect(readScore("{}")).toEqual({});
  });

  test.each([
    ["prose", "I would call them."],
    ["JSON inside prose", 'Sure: {"fit_score": 90}'],
    ["a list", '[{"fit_score": 90}]'],
    ["null", "null"],
    ["a number", "85"],
    ["JSON that was cut off", '{"fit_score": 90, "intent_'],
    ["an empty reply", ""],
    ["a key that no state can hold", '{"__proto__": {"fit_score": 90}}'],
    ["a number that is not finite", '{"fit_score": 1e999}'],
  ])("%s becomes zeros and education, and never disqualifies", (_, reply) => {
    const score = readScore(reply);

    expect(score).toEqual({ ...scores(0, 0, 0), route: "education", reasoning: expect.stringContaining(reply) });
    expect(routeLead(score)).toEqual({ route: "education", composite: 0 });
  });

  test.each([
    ["letters", `${"q".repeat(199)}YZ`],
    ["characters outside the basic plane", "😀".repeat(201)],
    ["a character outside the basic plane at the cut", `${"q".repeat(199)}😀z`],
  ])("the reasoning holds the first 200 characters of the reply and no more: %s", (_, reply) => {
    const { reasoning } = readScore(reply);

    expect(reasoning).toContain(firstCharacters(reply, 200));
    expect(reasoning).not.toContain(firstCharacters(reply, 201));
    expect(String(reasoning).endsWith(firstCharacters(reply, 200))).toBe(true);
    expect(String(reasoning).isWellFormed()).toBe(true);
  });
});

test("a lead without a score goes to education", () => {
  expect(routeLead(null)).toEqual({ route: "education", composite: 0 });
});
