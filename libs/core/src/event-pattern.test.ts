import { describe, expect, test } from "vitest";
import { parseEventPattern, toTypeMatcher } from "./event-pattern.ts";

const parse = (pattern: unknown) => parseEventPattern(pattern, (detail) => new Error(detail));

describe("an event pattern", () => {
  test.each(["lead.qualified", "lead.*", "run.*", "run.completed", "node.failed", "*", "running.late", "subscription.disabled"])(
    "may be %s",
    (pattern) => {
      expect(parse(pattern)).toBe(pattern);
    },
  );

  test.each([
    ["run.compleeted", /did you mean "run\.completed"\?; of OpenVibe's own there are run\.queued, run\.started, .*node\.completed/],
    ["run.comp.*", /is never stored/],
    [">", /">" is no event type; allowed is one such as "lead\.qualified", a prefix such as "run\.\*", or "\*" for all/],
    ["run.", /is no event type/],
    ["*.completed", /is no event type/],
    ["llm.delta", /told live only/],
    ["llm.*", /is never stored/],
    ["", /is no event type/],
    [7, /7 is no event type/],
    [null, /of type null is no event type/],
  ])("may not be %j", (pattern, words) => {
    expect(() => parse(pattern)).toThrow(words);
  });

  test.each([
    [["run.*"], ["run.completed", "run.failed"], ["runs.completed", "lead.run.x"]],
    [
      ["lead.qualified", "deal.*"],
      ["lead.qualified", "deal.won"],
      ["lead.qualified2", "deals.won", "deal"],
    ],
    [["*"], ["run.completed", "lead"], []],
    [[], [], ["run.completed"]],
  ])("%j stands for these types and no others", (patterns, these, others) => {
    const matches = toTypeMatcher(patterns);

    expect(these.filter(matches)).toEqual(these);
    expect(others.filter(matches)).toEqual([]);
  });
});
