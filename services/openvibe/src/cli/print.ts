import type { JsonObject, JsonValue } from "@openvibe/core";
import { coloured } from "./colour.ts";
import { whatFor } from "./what-for.ts";

/** Results go to standard output, and nothing else does. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: JsonValue | object): void {
  print(JSON.stringify(value));
}

/** What is said about the results goes to standard error, unless `--quiet`. */
export function note(line: string, { quiet }: { readonly quiet?: boolean }): void {
  if (quiet !== true) process.stderr.write(`openvibe: ${line}\n`);
}

const STATUS_COLOURS: Readonly<Record<string, "green" | "red" | "yellow">> = {
  completed: "green",
  failed: "red",
  timed_out: "red",
  dead_lettered: "red",
  cancelled: "yellow",
  waiting: "yellow",
};

export function styled(status: string, shown = status): string {
  const colour = STATUS_COLOURS[status];
  return colour === undefined ? shown : coloured(colour, shown);
}

/** One run for a person. */
export function printRun(run: JsonObject): void {
  const metrics = run.metrics as JsonObject;
  const cost = metrics.cost_usd === null ? "cost unknown" : `$${Number(metrics.cost_usd).toFixed(4)}`;
  print(`${String(run.run_id)}  ${styled(String(run.status))}  ${String(run.operator_id)}.${String(run.workflow_id)}`);
  print(
    `  ${String(metrics.nodes_executed)} nodes, ${String(metrics.llm_calls)} model calls, ${String(metrics.tokens_in)} + ${String(metrics.tokens_out)} tokens, ${cost}, ${Number(metrics.duration_seconds).toFixed(2)} s`,
  );
  const ignored = (run.ignored_input ?? []) as readonly string[];
  if (ignored.length > 0) print(`  ignored input, which is no field of the state: ${ignored.join(", ")}`);
  if (run.interrupt !== undefined) {
    const { kind, node_id, data } = run.interrupt as JsonObject;
    print(`  waits at ${String(node_id)} for ${kind === "human" ? "an answer" : String(kind)}: ${whatFor(data as JsonObject)}`);
  }
  if (run.parent_run_id !== undefined) print(`  begun by ${String(run.parent_run_id)}`);
  if (run.parked !== undefined) {
    const { reason, needs_version, since } = run.parked as JsonObject;
    print(
      `  parked since ${String(since)}: no worker has version ${String(needs_version)}, or one that fits; of the last that met it: ${String(reason)}`,
    );
  }
  if (run.rerun_of !== undefined) print(`  in place of ${String(run.rerun_of)}`);
  if (run.error !== undefined) print(`  error ${JSON.stringify(run.error)}`);
  if (run.status === "completed") print(`  output ${JSON.stringify(run.output, null, 2).replaceAll("\n", "\n  ")}`);
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows])
    print(
      row
        .map((cell, column) => {
          const text = cell.padEnd(widths[column] ?? 0);
          return head[column] === "STATUS" ? styled(cell, text) : text;
        })
        .join("  ")
        .trimEnd(),
    );
}

/** Runs as a table, and how to see more of them. */
export function printRunPage(page: JsonObject, options: { readonly quiet?: boolean }): void {
  const rows = (page.data as readonly JsonObject[]).map((run) =>
    [run.run_id, `${String(run.operator_id)}.${String(run.workflow_id)}`, run.status, run.created_at].map(String),
  );
  printTable(["RUN", "WORKFLOW", "STATUS", "CREATED"], rows);
  noteMore(page, options);
}

export function noteMore(page: JsonObject, options: { readonly quiet?: boolean }): void {
  if (page.has_more === true) note(`there are more; go on with the same options and: --cursor ${String(page.next_cursor)}`, options);
}

/** The line to go on with, at the server that was named. */
export function watchLine(run: JsonObject, { url, apiKeyFile }: { readonly url?: string; readonly apiKeyFile?: string }): string {
  const flags = [url === undefined ? [] : ["--url", url], apiKeyFile === undefined ? [] : ["--api-key-file", apiKeyFile]].flat();
  return ["openvibe runs watch", String(run.run_id), ...flags].join(" ");
}
