import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("without arguments all systems are measured, three rounds long", () => {
  expect(parseOptions([])).toMatchObject({ rounds: 3, only: ["handwritten", "floor", "embedded", "mesh"], profile: false });
});

test("the two forms have short names, and pnpm's dashes do no harm", () => {
  expect(parseOptions(["--", "--quick", "--only", "a, b"])).toMatchObject({ rounds: 1, only: ["embedded", "mesh"] });
});

test("what importing costs can be measured alone", () => {
  expect(parseOptions(["--imports"])).toMatchObject({ imports: true, profile: false });
});

test("growth is measured when it is named, beside systems or alone", () => {
  expect(parseOptions([]).growth).toBe(false);
  expect(parseOptions(["--only", "growth"])).toMatchObject({ only: [], growth: true });
  expect(parseOptions(["--only", "a,growth"])).toMatchObject({ only: ["embedded"], growth: true });
});

test.each([["--only", "c"], ["--rounds", "0"], ["--rounds", "many"], ["--fast"]])("%s %s is refused", (...args) => {
  expect(() => parseOptions(args)).toThrow(/--/);
});
