import { styleText } from "node:util";
import type { Finding, JsonObject } from "@openvibe/core";
import { ExitCode } from "./exit-codes.ts";
import { print } from "./print.ts";

const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

/** Prints what a doctor found, a line each, and lets the command end with 1 where there is a fault. `scrub` takes secrets out. */
export function tellFindings(
  findings: readonly Finding[],
  { json = false, scrub }: { json?: boolean; scrub: (text: string) => string },
): void {
  const faults = findings.filter(({ level }) => level === "fail").length;
  const warnings = findings.filter(({ level }) => level === "warn").length;
  if (json) print(scrub(JSON.stringify({ ok: faults === 0, faults, warnings, findings } as unknown as JsonObject)));
  else {
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const finding of findings) print(scrub(toLine(finding, width)));
    print(`\n${count(faults, "fault")}, ${count(warnings, "warning")}`);
  }
  if (faults > 0) process.exitCode = ExitCode.Failed;
}

function toLine({ check, level, what, why, todo }: Finding, width: number): string {
  const shown = styleText(COLOURS[level], level.padEnd(4), { stream: process.stdout });
  const advice = why === undefined || todo === undefined ? "" : `: ${why}. To do: ${todo}`;
  return `${shown}  ${check.padEnd(width)}  ${oneLine(`${what}${advice}`)}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}

function count(number: number, noun: string): string {
  return `${number === 0 ? "no" : number} ${noun}${number === 1 ? "" : "s"}`;
}
