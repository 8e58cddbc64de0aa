import { parseQuery } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { bucketOf, bucketParameter, idParameter, toLogFilter, toMatcher, typesParameter } from "./filters.ts";

const event = { type: "run.completed", operatorId: "sales", runId: "run_1", bucket: null };

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
    [{ operators: new Set(["support", "sales"]) }, true],
    [{ operators: new Set(["support"]) }, false],
    [{ operators: new Set(["support"]), operatorId: "sales" }, false],
  ])("%o lets a run.completed of sales through: %s", (filter, expected) => {
    expect(toMatcher(filter)(event)).toBe(expected);
  });

  test("by bucket lets its changes through alone, and the log leaves out what is no change of shared context", () => {
    const matches = toMatcher({ bucket: "context-leads" });
    const change = { type: "context.updated", operatorId: null, runId: null };

    expect(matches({ ...change, bucket: bucketOf({ type: "context.updated", data: { bucket: "context-leads", key: "a" } }) })).toBe(true);
    expect(matches({ ...change, bucket: bucketOf({ type: "context.updated", data: { bucket: "context-deals", key: "a" } }) })).toBe(false);
    expect(matches({ ...event, bucket: bucketOf({ type: "lead.qualified", data: { bucket: "context-leads" } }) })).toBe(false);
    expect(toLogFilter({ bucket: "context-leads" })).toEqual({ types: ["context.updated", "context.deleted"] });
    expect(toLogFilter({ bucket: "context-leads", types: ["context.deleted"] })).toEqual({ types: ["context.deleted"] });
  });

  test("of a key for some operators lets nothing through that is no operator's", () => {
    expect(toMatcher({ operators: new Set(["sales"]) })({ ...event, operatorId: null })).toBe(false);
    expect(toMatcher({})({ ...event, operatorId: null })).toBe(true);
  });

  test("of a key for one operator is the log's to apply, of several the relay's", () => {
    expect(toLogFilter({ operators: new Set(["sales"]) })).toEqual({ operatorId: "sales" });
    expect(toLogFilter({ operators: new Set(["sales", "support"]) })).toEqual({});
    expect(toLogFilter({ operators: new Set(["sales", "support"]), operatorId: "support" })).toEqual({ operatorId: "support" });
  });

  test("leaves prefixes to the relay, since the log knows exact types only", () => {
    expect(toLogFilter({ operatorId: "sales", types: ["run.completed"] })).toEqual({ operatorId: "sales", types: ["run.completed"] });
    expect(toLogFilter({ runId: "run_1", types: ["run.completed", "lead.*"] })).toEqual({ runId: "run_1" });
  });

  test.each([
    [{ types: "run.>" }, "types"],
    [{ types: "run.compleeted" }, 'did you mean "run.completed"'],
    [{ types: "stream.*" }, "never stored"],
    [{ bucket: "leads" }, "context-leads"],
    [{ bucket: "context-a.b" }, "bucket"],
    [{ bucket: "" }, "bucket"],
    [{ types: "run.**" }, "types"],
    [{ types: "" }, "types"],
    [{ types: "a\nid: 1" }, "types"],
    [{ types: "llm.delta" }, "llm.delta"],
    [{ types: Array.from({ length: 51 }, (_, n) => `t${n}`) }, "types"],
    [{ operator: "A B" }, "operator"],
    [{ operator: ["a", "b"] }, "operator"],
    [{ type: "run.completed" }, "type"],
  ])("%j is refused by name", (query, named) => {
    const parse = () => parseQuery(query, { types: typesParameter, operator: idParameter("operator"), bucket: bucketParameter });

    expect(parse).toThrow(expect.objectContaining({ code: "OV_PARAMETER_INVALID", message: expect.stringContaining(named) }));
  });

  test("of all types is none", () => {
    const { types } = parseQuery({ types: ["*", "run.*"] }, { types: typesParameter });

    expect(types).toBeUndefined();
  });
});
