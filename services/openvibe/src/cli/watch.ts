import { isTerminalEventType, type JsonObject } from "@openvibe/core";
import { readSse } from "@openvibe/http";
import type { ApiClient } from "./api-client.ts";
import { ExitCode } from "./exit-codes.ts";
import { print, printRun, styled, watchLine } from "./print.ts";

export interface WatchOptions {
  /** One JSON document a line: the events, then the run. */
  readonly json?: boolean;
  /** Milliseconds; for ever when absent. */
  readonly timeout?: number;
}

/** Shows a run's events as they happen, then its final state. Exit code 1 when it did not complete, 7 when it had not ended in time. */
export async function watch(api: ApiClient, run: JsonObject, { json: asJson = false, timeout }: WatchOptions): Promise<void> {
  const path = `/v1/operators/${String(run.operator_id)}/runs/${String(run.run_id)}`;
  const until = timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) };
  for await (const message of readSse(`${api.url}${path}/stream`, { headers: api.headers, ...until })) {
    if (message.event.startsWith("stream.")) continue;
    if (asJson) print(message.data);
    else showEvent(message.event, JSON.parse(message.data) as JsonObject);
    if (isTerminalEventType(message.event)) break;
  }
  const ended = await api.call("GET", path);
  if (asJson) print(JSON.stringify(ended));
  else printRun(ended);
  if (ended.completed_at === null) {
    process.stderr.write(`openvibe: the run has not ended, and goes on; see it with: ${watchLine(run)}\n`);
    process.exitCode = ExitCode.TimedOut;
  } else if (ended.status !== "completed") process.exitCode = ExitCode.Failed;
}

function showEvent(type: string, event: JsonObject): void {
  if (type === "llm.delta") return;
  const node = event.nodeid === undefined ? "" : ` ${String(event.nodeid)}`;
  const time = String(event.time).slice(11, 23);
  print(
    `${time}  ${type.startsWith("run.") ? `run ${styled(type.slice(4))}` : type}${node}${noteOf(type, (event.data ?? {}) as JsonObject)}`,
  );
}

function noteOf(type: string, data: JsonObject): string {
  if (type === "node.completed") return ` (${String(data.duration_ms)} ms)`;
  return type === "node.failed" ? `: ${String((data.error as JsonObject | undefined)?.message)}` : "";
}
