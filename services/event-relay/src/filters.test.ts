import { parseQuery } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { idParameter, toLogFilter, toMatcher, typesParameter } from "./filters.ts";

const event = { type: "run.completed", operatorId: "sales", runId: "run_1" };

describe("a filter", () => {
  test.each([
    [{}, true],
    [{ types: ["run.completed"] }, true],
    [{ types: ["lead.qualified", "run.*"] }, true],
    [{ types: ["run.complete"] }, false],
    [{ types: ["ru.*"] }, false],
    [{ operatorId: "sales", runId: "run_1", types: ["run.*"] }, true],
    [{ operatorId: "support" }, false],
    [{ runId: "run_2" }, false],
  ])("%j lets a run.completed of sales through: %s", (filter, expected) => {
    expect(toMatcher(filter)(event)).toBe(expected);
  });

  test("leaves prefixes to the relay, since the log knows exact types only", () => {
    expect(toLogFilter({ operatorId: "sales", types: ["run.completed"] })).toEqual({ operatorId: "sales", types: ["run.completed"] });
    expect(toLogFilter({ runId: "run_1", types: ["run.completed", "lead.*"] })).toEqual({ runId: "run_1" });
  });

  test.each([
    [{ types: "run.>" }, "types"],
    [{ types: "*" }, "types"],
    [{ types: "run.**" }, "types"],
    [{ types: "" }, "types"],
    [{ types: "a\nid: 1" }, "types"],
    [{ types: "llm.delta" }, "llm.delta"],
    [{ types: Array.from({ length: 51 }, (_, n) => `t${n}`) }, "types"],
    [{ operator: "A B" }, "operator"],
    [{ operator: ["a", "b"] }, "operator"],
    [{ type: "run.completed" }, "type"],
  ])("%j is refused by name", (query, named) => {
    const parse = () => parseQuery(query, { types: typesParameter, operator: idParameter("operator") });

    expect(parse).toThrow(expect.objectContaining({ code: "OV_PARAMETER_INVALID", message: expect.stringContaining(named) }));
  });
});
