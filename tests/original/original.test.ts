/** The table of the first design's options is whole, and every test that it names is there. What they come to is counted by `tests/support/rows-reporter.ts`. */
import { expect, test } from "vitest";
import { sourceOf } from "../support/shown-rows.ts";
import { ROWS } from "./rows.ts";

/** The sections of that design whose options are promised. */
const SECTIONS = [
  "5.1",
  "5.2",
  "5.3",
  "5.4",
  "5.5",
  "6.2",
  "7.1",
  "7.2",
  "7.3",
  "9.1",
  "9.2",
  "9.3",
  "10.1",
  "10.2",
  "11.1",
  "11.2",
  "11.3",
];

test("every section has its options, each once: shown, or with the reason why it is not there yet", () => {
  const places = ROWS.map(({ n }) => n);

  expect(places).toEqual([...new Set(places)]);
  for (const section of SECTIONS) expect(places.filter((n) => n.split(" ")[0] === section).length, section).toBeGreaterThan(0);
  for (const row of ROWS) {
    if ("notYet" in row) expect(row.notYet.length, row.what).toBeGreaterThan(7);
    else expect(row.shownBy.length, row.what).toBeGreaterThan(0);
  }
});

test.each(ROWS.flatMap((row) => ("shownBy" in row ? [row] : [])))("$n: $what", ({ shownBy }) => {
  for (const [file, ...names] of shownBy)
    for (const name of names) {
      expect(file).toMatch(/^(libs|services|tests|operators)\/.*\.test\.ts$/);
      expect(sourceOf(file), `${file} has no test "${name}"`).toContain(name);
    }
});
