import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** What nodes leave outside of OpenVibe when they start and finish: one line of the record file, written at once, so that it survives a SIGKILL of the writer. */
export interface NodeRecord {
  readonly run: string;
  readonly node: string;
  readonly what: "start" | "finish";
  readonly attempt: number;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Of a node's `ctx`. */
export interface RecordedContext {
  readonly runId: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
}

const file = process.env.OPENVIBE_TEST_RECORD_FILE;

export function record(what: NodeRecord["what"], node: string, { runId, attempt }: RecordedContext): void {
  if (file === undefined) return;
  const line: NodeRecord = { run: runId, node, what, attempt, pid: process.pid, at: Date.now() };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** The work of a node: some time between its two records. */
export async function recorded(node: string, pauseMs: number, ctx: RecordedContext): Promise<void> {
  record("start", node, ctx);
  await sleep(pauseMs, undefined, { signal: ctx.signal }).catch(() => {});
  record("finish", node, ctx);
}
