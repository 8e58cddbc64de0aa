/** The table of bad input is whole, and every test that it names is there. What those tests come to is counted by `tools/bad-input-reporter.ts`. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ROWS } from "./rows.ts";

const ROOT = new URL("../../", import.meta.url);
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
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? readFileSync(new URL(file, ROOT), "utf8");
    texts.set(file, text);
    return text;
  };

  test.each(shown)("$n: $what", ({ shownBy }) => {
    for (const [file, ...names] of shownBy)
      for (const name of names) {
        expect(file).toMatch(/^(libs|services|tests)\/.*\.test\.ts$/);
        expect(textOf(file), `${file} has no test "${name}"`).toContain(name);
      }
  });
});
