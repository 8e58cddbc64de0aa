import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { METRICS } from "./metric-table.ts";

const PAGE = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");

test("docs/metrics.md has the row of each metric, as the code has it, and no other", () => {
  const rows = [...PAGE.matchAll(/^\| `openvibe_.*$/gm)].map(([row]) => row);

  const expected = Object.entries(METRICS).map(([name, { type, labels, help }]) => {
    const shown = labels.length === 0 ? "none" : labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
  expect(rows).toEqual(expected);
});
