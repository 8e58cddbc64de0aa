import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isOpenVibeError, messageOf, OpenVibeError, PROBLEMS, type ProblemCode, toProblem, toRunError } from "./problems.ts";

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

describe("the registry of codes", () => {
  test.each(CODES)("%s has a form of its own, a status of errors and a title", (code) => {
    const { status, title } = PROBLEMS[code];

    expect(code).toMatch(/^OV(_[A-Z0-9]+)+$/);
    expect(Number.isInteger(status) && status >= 400 && status <= 599).toBe(true);
    expect(title).toMatch(/^[A-Z].*[a-zA-Z8]$/); // a sentence without its full stop
  });

  test("says nothing twice", () => {
    expect(new Set(CODES.map((code) => PROBLEMS[code].title)).size).toBe(CODES.length);
    expect(new Set(CODES.map((code) => toProblem(new OpenVibeError(code, "x")).type)).size).toBe(CODES.length);
  });

  test("is what the page docs/errors.md says, in the same order", () => {
    const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
    const rows = page
      .split("\n")
      .filter((line) => line.startsWith("| `OV_"))
      .map((line) => line.split("|").map((cell) => cell.trim()));

    expect(rows.map(([, code, status, title]) => [code, status, title])).toEqual(
      CODES.map((code) => [`\`${code}\``, String(PROBLEMS[code].status), PROBLEMS[code].title]),
    );
    for (const [, code, , , whatToDo, rest, ...more] of rows) {
      expect(whatToDo, `${code} says what to do`).toMatch(/^[A-Z].{14,}\.$/);
      expect([rest, more]).toEqual(["", []]);
    }
  });
});

describe("the body of a problem", () => {
  test("has the members of RFC 9457 and our code", () => {
    const error = new OpenVibeError("OV_RUN_NOT_FOUND", "operator revenue_ops has no run run_1");

    expect(toProblem(error)).toStrictEqual({
      type: "https://openvibe.dev/problems/run-not-found",
      title: "Run not found",
      status: 404,
      detail: "operator revenue_ops has no run run_1",
      code: "OV_RUN_NOT_FOUND",
    });
  });

  test("has the request's instance, the places, and what else the error knows", () => {
    const errors = [{ pointer: "/input/score", detail: "must be number" }];
    const error = new OpenVibeError("OV_INPUT_INVALID", "no", { errors, extra: { allowed: ["a"], status: 200, code: "OV_X", detail: "" } });

    expect(toProblem(error, "req_1")).toStrictEqual({
      allowed: ["a"],
      type: "https://openvibe.dev/problems/input-invalid",
      title: PROBLEMS.OV_INPUT_INVALID.title,
      status: 422,
      detail: "no",
      instance: "req_1",
      code: "OV_INPUT_INVALID",
      errors,
    });
  });
});

test("an error is known by its code", () => {
  const error: unknown = new OpenVibeError("OV_RUN_FINAL", "run run_1 has ended", { cause: new Error("row"), retryAfterMs: 5 });

  expect(error).toMatchObject({
    name: "OpenVibeError",
    code: "OV_RUN_FINAL",
    errors: [],
    extra: {},
    retryAfterMs: 5,
    cause: new Error("row"),
  });
  expect(isOpenVibeError(error)).toBe(true);
  expect(isOpenVibeError(error, "OV_RUN_NOT_FOUND", "OV_RUN_FINAL")).toBe(true);
  expect(isOpenVibeError(error, "OV_RUN_NOT_FOUND")).toBe(false);
  expect(isOpenVibeError({ code: "OV_RUN_FINAL", message: "copied" })).toBe(false);
  expect(new OpenVibeError("OV_RUN_FINAL", "x")).not.toHaveProperty("cause");
});

describe("a sentence is made of anything thrown", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const unreadable = () => {
    throw new Error("not for you");
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const refused = [new Error("connect ECONNREFUSED ::1:5432"), new Error("connect ECONNREFUSED 127.0.0.1:5432")];

  test.each<[string, unknown, string]>([
    ["an error", new Error("boom"), "boom"],
    ["an error without words", new TypeError(), "TypeError"],
    ["an error without words and name", Object.assign(new Error(), { name: "" }), "the code threw an error without a message"],
    ["an error whose message is no text", Object.assign(new Error(), { message: { a: 1 } }), "Error"],
    ["several errors without words of their own", new AggregateError(refused), "connect ECONNREFUSED ::1:5432"],
    ["several errors with words", new AggregateError(refused, "no address answers"), "no address answers"],
    ["several errors of which there are none", new AggregateError([]), "AggregateError"],
    ["an abort", new DOMException("aborted", "AbortError"), "aborted"],
    ["a text", "boom", "boom"],
    ["an empty text", "", "the code threw an empty text"],
    ["null", null, "the code threw null"],
    ["undefined", undefined, "the code threw undefined"],
    ["a number", 7, "the code threw 7"],
    ["NaN", Number.NaN, "the code threw null"],
    ["false", false, "the code threw false"],
    ["a plain object", { status: 500 }, 'the code threw {"status":500}'],
    ["a list", [1], "the code threw [1]"],
    ["a BigInt", 1n, "the code threw a value of type bigint"],
    ["a symbol", Symbol("a"), "the code threw a value of type symbol"],
    ["a function", () => 1, "the code threw a value of type function"],
    ["a cycle", cycle, "the code threw a value of type object"],
    ["an object that will not be read", revoked.proxy, "the code threw a value of type object"],
    [
      "an error that will not be read",
      Object.defineProperty(new Error(), "message", { get: unreadable }),
      "the code threw a value of type object",
    ],
    ["an object whose toJSON throws", { toJSON: unreadable }, "the code threw a value of type object"],
  ])("%s", (_what, thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  test("which is short, however large the value", () => {
    expect(messageOf({ text: "x".repeat(100_000) })).toHaveLength("the code threw ".length + 500);
  });
});

describe("a run's error", () => {
  test("keeps the code of an OpenVibeError, and no stack", () => {
    expect(toRunError(new OpenVibeError("OV_LLM_REFUSED", "no"), "OV_NODE_FAILED", "score")).toStrictEqual({
      code: "OV_LLM_REFUSED",
      message: "no",
      node_id: "score",
    });
  });

  test("has the fallback's code for anything else", () => {
    expect(toRunError(null, "OV_NODE_FAILED")).toStrictEqual({ code: "OV_NODE_FAILED", message: "the code threw null" });
    expect(toRunError({ code: "OV_RUN_FINAL" }, "OV_NODE_FAILED").code).toBe("OV_NODE_FAILED");
  });
});
