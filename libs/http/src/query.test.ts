import { expect, test } from "vitest";
import { choiceParameter, flagParameter, intParameter, parseQuery, textParameter } from "./query.ts";

const PARAMETERS = {
  limit: intParameter({ min: 1, max: 200, fallback: 50, description: "" }),
  status: choiceParameter(["queued", "running"], ""),
  cursor: textParameter({ pattern: /^[a-z]+$/, what: "letters", description: "" }),
  verbose: flagParameter(""),
};

test("what is not given has its fallback", () => {
  expect(parseQuery({}, PARAMETERS)).toEqual({ limit: 50, status: undefined, cursor: undefined, verbose: false });
});

test("what is given is read", () => {
  expect(parseQuery({ limit: "200", status: "queued", cursor: "abc", verbose: "" }, PARAMETERS)).toEqual({
    limit: 200,
    status: "queued",
    cursor: "abc",
    verbose: true,
  });
});

test.each([
  ["limit", "-1"],
  ["limit", "0"],
  ["limit", "1e9"],
  ["limit", "201"],
  ["limit", "abc"],
  ["limit", "1.5"],
  ["limit", ""],
  ["limit", ["1", "2"]],
  ["status", "running "],
  ["status", "constructor"],
  ["cursor", "A"],
  ["verbose", "yes"],
  ["lmit", "1"],
  ["__proto__", "1"],
])("%s=%j is refused by name", (name, value) => {
  const query = Object.defineProperty(Object.create(null), name, { value, enumerable: true });

  expect(() => parseQuery(query, PARAMETERS)).toThrow(
    expect.objectContaining({ code: "OV_PARAMETER_INVALID", extra: { parameter: name } }),
  );
});
