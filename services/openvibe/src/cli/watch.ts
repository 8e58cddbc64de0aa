import { type JsonObject, OpenVibeError } from "@openvibe/core";
import { readSse } from "@openvibe/http";
import type { ApiClient } from "./api-client.ts";
import { ExitCode } from "./exit-codes.ts";
import { print, printRun, styled } from "./print.ts";

/** Shows a run's events as they happen, then its final state. A run that did not complete makes the command exit with 1. */
export async function watch(api: ApiClient, run: JsonObject, asJson: boolean): Promise<void> {
  const path = `/v1/operators/${String(run.operator_id)}/runs/${String(run.run_id)}`;
  for await (const message of readSse(`${api.url}${path}/stream`, { headers: api.headers })) {
    if (message.event.startsWith("stream.")) continue;
    if (asJson) print(message.data);
    else showEvent(message.event, JSON.parse(message.data) as JsonObject);
    if (isEnd(message.event)) break;
  }
  const ended = await api.call("GET", path);
  if (!asJson) printRun(ended);
  if (ended.status !== "completed") process.exitCode = ExitCode.Failed;
  if (ended.completed_at === null)
    throw new OpenVibeError("OV_INTERNAL", `the stream of run ${String(run.run_id)} ended before the run did`);
}

const ENDS = new Set(["run.completed", "run.failed", "run.cancelled", "run.timed_out", "run.dead_lettered"]);

function isEnd(type: string): boolean {
  return ENDS.has(type);
}

function showEvent(type: string, event: JsonObject): void {
  const data = (event.data ?? {}) as JsonObject;
  const node = event.nodeid === undefined ? "" : ` ${String(event.nodeid)}`;
  const time = String(event.time).slice(11, 23);
  const note =
    type === "node.completed"
      ? ` (${String(data.duration_ms)} ms)`
      : type === "node.failed"
        ? `: ${String((data.error as JsonObject).message)}`
        : "";
  if (type === "llm.delta") return;
  print(`${time}  ${type.startsWith("run.") ? `run ${styled(type.slice(4))}` : type}${node}${note}`);
}
