/** Ends a test run with `bad input: N rows, N failed` and the like: what the tests that the tables name came to. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { ROWS as BAD_INPUT } from "../bad-input/rows.ts";
import { ROWS as ORIGINAL } from "../original/rows.ts";
import type { OpenRow, ShownRow } from "./shown-rows.ts";

interface Table {
  readonly name: string;
  readonly rows: readonly (ShownRow | OpenRow)[];
  /** What is said of rows without tests. */
  readonly open: string;
}

const TABLES: readonly Table[] = [
  { name: "bad input", rows: BAD_INPUT, open: "cannot come in yet" },
  { name: "original design", rows: ORIGINAL, open: "are not there yet" },
];

type Verdict = "passed" | "failed" | "not_run";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export default class RowsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const ran = new Map(modules.map((module) => [relative(ROOT, module.moduleId), [...module.children.allTests()]]));
    const lines = TABLES.flatMap((table) => report(table, ran));
    if (lines.length > 0) process.on("exit", () => process.stdout.write(`\n${lines.join("\n")}\n`));
  }
}

function report({ name, rows, open }: Table, ran: ReadonlyMap<string, readonly TestCase[]>): string[] {
  const shown = rows.filter((row) => "shownBy" in row);
  const missing: string[] = [];
  const verdicts = shown.map((row) => judge(row, ran, missing));
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  if (count("not_run") === shown.length) return []; // another part of the tests
  if (missing.length > 0) process.exitCode = 1;
  const notRun = count("not_run") > 0 ? `, ${count("not_run")} not run` : "";
  return [
    ...missing.map((line) => `${name}: ${line}`),
    `${name}: ${shown.length} rows, ${count("failed")} failed${notRun}; ${rows.length - shown.length} more ${open}`,
  ];
}

function judge({ n, shownBy }: ShownRow, ran: ReadonlyMap<string, readonly TestCase[]>, missing: string[]): Verdict {
  const states = shownBy.flatMap(([file, ...names]) => {
    const tests = ran.get(file);
    if (tests === undefined) return ["skipped"];
    return names.flatMap((name) => {
      const found = tests.filter(({ fullName }) => toPattern(name).test(fullName));
      if (found.length === 0) missing.push(`row ${n} names a test that did not come up: ${file} "${name}"`);
      return found.length === 0 ? ["failed"] : found.map((test) => test.result().state);
    });
  });
  if (states.includes("failed")) return "failed";
  return states.includes("passed") && !states.includes("skipped") && !states.includes("pending") ? "passed" : "not_run";
}

/** In a name of a table's test stand values where the source has `%s`, `$field` and the like. */
function toPattern(name: string): RegExp {
  return new RegExp(
    name
      .split(/%[a-z]|\$[a-zA-Z]+/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*"),
    "s",
  );
}
