import { styleText } from "node:util";
import type { JsonObject } from "@openvibe/core";

/** Results go to standard output; what is said about them to standard error. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const STATUS_COLOURS: Readonly<Record<string, "green" | "red" | "yellow">> = {
  completed: "green",
  failed: "red",
  timed_out: "red",
  dead_lettered: "red",
  cancelled: "yellow",
  waiting: "yellow",
};

export function styled(status: string): string {
  const colour = STATUS_COLOURS[status];
  return colour === undefined ? status : styleText(colour, status, { stream: process.stdout });
}

/** One run for a person. */
export function printRun(run: JsonObject): void {
  const metrics = run.metrics as JsonObject;
  const cost = metrics.cost_usd === null ? "cost unknown" : `$${Number(metrics.cost_usd).toFixed(4)}`;
  print(`${String(run.run_id)}  ${styled(String(run.status))}  ${String(run.operator_id)}.${String(run.workflow_id)}`);
  print(
    `  ${String(metrics.nodes_executed)} nodes, ${String(metrics.llm_calls)} model calls, ${String(metrics.tokens_in)} + ${String(metrics.tokens_out)} tokens, ${cost}, ${Number(metrics.duration_seconds).toFixed(2)} s`,
  );
  if (run.error !== undefined) print(`  error ${JSON.stringify(run.error)}`);
  if (run.status === "completed") print(`  output ${JSON.stringify(run.output, null, 2).replaceAll("\n", "\n  ")}`);
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows])
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

/** The line to go on with. */
export function watchLine(run: JsonObject): string {
  return `openvibe runs watch ${String(run.operator_id)} ${String(run.run_id)}`;
}
