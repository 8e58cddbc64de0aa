import { isTerminalEventType, type JsonObject, type StepManifest } from "@openvibe/core";
import type { ApiClient, ApiOptions } from "./api-client.ts";
import { ExitCode } from "./exit-code.ts";
import { runPath } from "./find-run.ts";
import { openLiveTree } from "./live-tree.ts";
import { note, print, printJson, printRun, styled, watchLine } from "./print.ts";
import { whatFor } from "./what-for.ts";

export interface WatchOptions extends ApiOptions {
  /** One JSON document a line: the events, then the run. */
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Milliseconds; for ever when absent. */
  readonly timeout?: number;
}

/** Hears a run's events, one after the other, and is disposed of when no more come. */
interface Viewer extends Disposable {
  see(type: string, text: string): void;
}

/** Shows a run's events as they happen, then its final state. Exit code 1 when it did not complete, 7 when it had not ended in time. */
export async function watch(api: ApiClient, run: JsonObject, options: WatchOptions): Promise<void> {
  const path = runPath(run);
  process.prependOnceListener("SIGINT", () => note(`the run goes on; see it with: ${watchLine(run, options)}`, options));
  const until = options.timeout === undefined ? {} : { signal: AbortSignal.timeout(options.timeout) };
  const ended = await follow();
  if (options.json === true) printJson(ended);
  else printRun(ended);
  if (ended.completed_at === null) {
    note(`the run has not ended, and goes on; see it with: ${watchLine(run, options)}`, {});
    process.exitCode = ExitCode.TimedOut;
  } else if (ended.status !== "completed") process.exitCode = ExitCode.Failed;

  async function follow(): Promise<JsonObject> {
    const { readSse } = await import("@openvibe/http"); // not before it is needed: a server's parts come with it
    using viewer = await openViewer(api, run, options);
    for await (const { event, data } of readSse(`${api.url}${path}/stream`, { headers: api.headers, ...until })) {
      if (event.startsWith("stream.")) continue;
      viewer.see(event, data);
      if (isTerminalEventType(event)) break;
    }
    return await api.call("GET", path);
  }
}

async function openViewer(api: ApiClient, run: JsonObject, { json, quiet }: WatchOptions): Promise<Viewer> {
  if (json === true) return toViewer((_type, text) => print(text));
  if (quiet === true) return toViewer(() => {});
  if (process.stdout.isTTY !== true || process.env.TERM === "dumb") return toViewer(showLine);
  const tree = openLiveTree(await findSteps(api, run));
  return { see: (type, text) => tree.see(type, JSON.parse(text) as JsonObject), [Symbol.dispose]: () => tree[Symbol.dispose]() };
}

function toViewer(see: Viewer["see"]): Viewer {
  return { see, [Symbol.dispose]() {} };
}

/** The steps that the run will go through, as far as they are known: its operator may have another version by now, or be gone. */
async function findSteps(api: ApiClient, run: JsonObject): Promise<readonly StepManifest[]> {
  const operator = await api.call("GET", `/v1/operators/${String(run.operator_id)}`).catch(() => undefined);
  const workflows = (operator?.workflows ?? []) as unknown as readonly { readonly id: string; readonly steps: readonly StepManifest[] }[];
  return workflows.find(({ id }) => id === run.workflow_id)?.steps ?? [];
}

function showLine(type: string, text: string): void {
  if (type === "llm.delta") return;
  const event = JSON.parse(text) as JsonObject;
  const node = event.nodeid === undefined ? "" : ` ${String(event.nodeid)}`;
  const time = String(event.time).slice(11, 23);
  const shown = type.startsWith("run.") ? `run ${styled(type.slice(4))}` : type;
  print(`${time}  ${shown}${node}${noteOf(type, (event.data ?? {}) as JsonObject)}`);
}

function noteOf(type: string, data: JsonObject): string {
  if (type === "node.completed") {
    const tokens = data.tokens_in === undefined ? "" : `, ${String(data.tokens_in)} + ${String(data.tokens_out)} tokens`;
    return ` (${String(data.duration_ms)} ms${tokens})`;
  }
  if (type === "run.waiting") return `: ${whatFor(data)}`;
  return type === "node.failed" ? `: ${String((data.error as JsonObject | undefined)?.message)}` : "";
}
