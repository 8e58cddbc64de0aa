/** The table of bad input is whole, and every test that it names is there. What those tests come to is counted by `tests/support/rows-reporter.ts`. */
import { describe, expect, test } from "vitest";
import { sourceOf } from "../support/shown-rows.ts";
import { ROWS } from "./rows.ts";

const HIGHEST = 117;

test("every kind of bad input has one row: tested, or with the reason why it cannot come in yet", () => {
  expect(ROWS.map(({ n }) => n)).toEqual(Array.from({ length: HIGHEST }, (_, index) => index + 1));
  for (const row of ROWS) {
    expect(row.what).not.toBe("");
    if ("notYet" in row) expect(row.notYet.length, row.what).toBeGreaterThan(10);
    else expect(row.shownBy.length, row.what).toBeGreaterThan(0);
  }
});

describe("a row names tests that are there", () => {
  const shown = ROWS.flatMap((row) => ("shownBy" in row ? [row] : []));
  test.each(shown)("$n: $what", ({ shownBy }) => {
    for (const [file, ...names] of shownBy)
      for (const name of names) {
        expect(file).toMatch(/^(libs|services|tests)\/.*\.test\.ts$/);
        expect(sourceOf(file), `${file} has no test "${name}"`).toContain(name);
      }
  });
});
