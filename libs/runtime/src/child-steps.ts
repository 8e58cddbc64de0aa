/** The steps `run` and `each`: children are begun, waited for, and made fields of the state. */
import {
  type ChildEnd,
  type EachStepManifest,
  findJsonFault,
  isFinal,
  isPlainObject,
  type JsonObject,
  type NodeContext,
  OpenVibeError,
  type Run,
  type RunId,
  RunStatus,
  type State,
  type StepCode,
} from "@openvibe/core";
import type { PlannedStep } from "@openvibe/graph";
import type { ChildRuns } from "./child-runs.ts";
import { type ChildStepManifest, type ChildWait, hasEnded, toChildWait, toInterrupt, toTold } from "./child-wait.ts";
import type { Pause, PauseEnd, Woken } from "./pausing.ts";

type RunCode = Extract<StepCode, { kind: "run" }>;
type EachCode = Extract<StepCode, { kind: "each" }>;

export interface ChildStepDeps {
  readonly children: ChildRuns;
  readonly woken: Woken | undefined;
  /** Writes of the run that are committed: tells two visits of a step apart, and stays the same when a visit is repeated. */
  readonly began: number;
}

/** Of all results of an `each` together: more would not fit a worker's memory many times. */
const MAX_RESULTS_BYTES = 8 * 1024 * 1024;

/** @throws OpenVibeError OV_CHILD_FAILED, OV_INPUT_INVALID, OV_CHILD_DEPTH, OV_TRIGGER_NOT_FOUND */
export async function goOnWithRun(
  step: PlannedStep,
  code: RunCode,
  state: State,
  ctx: NodeContext,
  deps: ChildStepDeps,
): Promise<Pause | PauseEnd> {
  const { manifest } = step;
  if (manifest.kind !== "run") throw mismatch(step, "run");
  const { children } = deps;
  const wait = waitOf(deps, ctx, manifest, 1);
  const [open] = wait.open;
  const child = open === undefined ? await begin(manifest, code.input(state, ctx), wait.origin, ctx, children) : await children.find(open);
  if (child !== undefined && !isFinal(child.status)) return pauseFor(manifest, ctx, { ...wait, begun: 1, open: [child.runId] });
  const end = toEnd(child, open ?? "");
  if (end.status !== RunStatus.Completed && manifest.on_failure === "fail") throw childFailed(step.id, end);
  return { patch: await code.end(end, state), position: nextOf(step) };
}

/** @throws OpenVibeError OV_CHILD_FAILED, OV_INPUT_INVALID, OV_CHILD_DEPTH, OV_TRIGGER_NOT_FOUND, OV_ITEMS_LIMIT, OV_STATE_TOO_LARGE */
export async function goOnWithEach(
  step: PlannedStep,
  code: EachCode,
  state: State,
  ctx: NodeContext,
  deps: ChildStepDeps,
): Promise<Pause | PauseEnd> {
  const { manifest } = step;
  if (manifest.kind !== "each") throw mismatch(step, "each");
  const { children } = deps;
  let items = deps.woken === undefined ? readItems(step.id, await code.items(state, ctx), manifest) : undefined;
  const wait = waitOf(deps, ctx, manifest, items?.length ?? 0);
  const open = new Set(await stillOpen(step.id, wait, children));
  let { begun } = wait;
  while (begun < wait.total && open.size < manifest.concurrency) {
    items ??= readItems(step.id, await code.items(state, ctx), manifest, wait.total);
    const from = begun;
    const next = items.slice(from, from + manifest.concurrency - open.size);
    // At once: their inserts travel in groups.
    const begunNow = await Promise.all(
      next.map(async (item, n) => await begin(manifest, code.input(item, from + n, state), `${wait.origin}${from + n}`, ctx, children)),
    );
    for (const child of begunNow) {
      if (!isFinal(child.status)) open.add(child.runId);
      else if (wait.failFast && child.status !== RunStatus.Completed) throw childFailed(step.id, toEnd(child, child.runId));
    }
    begun += next.length;
  }
  if (open.size > 0 || begun < wait.total) return pauseFor(manifest, ctx, { ...wait, begun, open: [...open] });
  const ends = await readEnds(step.id, wait, manifest, children);
  return { patch: await code.end(ends, state), position: nextOf(step) };
}

function mismatch({ id, manifest }: PlannedStep, kind: string): OpenVibeError {
  return new OpenVibeError("OV_DEFINITION_INVALID", `step ${id} is ${manifest.kind} in the manifest and ${kind} in code`);
}

/** Where the step stands: as it parked, or before its first child. A loop's next pass, or a `goto` back, begins children of its own. */
function waitOf({ woken, began }: ChildStepDeps, { effectKey }: NodeContext, manifest: ChildStepManifest, total: number): ChildWait {
  if (woken !== undefined) return toChildWait(woken.interrupt);
  const origin = `child:${effectKey}:${began}`;
  const each = manifest.kind === "each";
  return { origin: each ? `${origin}:` : origin, total, begun: 0, open: [], failFast: manifest.on_failure === "fail" };
}

function pauseFor(manifest: ChildStepManifest, { operatorId }: NodeContext, wait: ChildWait): Pause {
  const interrupt = toInterrupt(manifest, operatorId, wait);
  return { interrupt, told: toTold(interrupt) };
}

async function begin(manifest: ChildStepManifest, given: unknown, origin: string, ctx: NodeContext, children: ChildRuns): Promise<Run> {
  return await children.begin({
    operatorId: manifest.operator_id ?? ctx.operatorId,
    workflowId: manifest.workflow_id,
    nodeId: manifest.id,
    input: readInput(manifest.id, await given),
    origin,
    timeoutMs: manifest.child_timeout_ms,
  });
}

function readInput(id: string, given: unknown): JsonObject {
  const fault = isPlainObject(given) ? findJsonFault(given) : { pointer: "", detail: "must be an object of the workflow's input" };
  if (fault === undefined) return JSON.parse(JSON.stringify(given)) as JsonObject; // without what is `undefined`
  const { pointer, detail } = fault;
  throw new OpenVibeError("OV_INPUT_INVALID", `step ${id}: input gave what no run can begin with, at ${pointer || "its top"}: ${detail}`, {
    errors: [{ pointer, detail }],
  });
}

function readItems(id: string, items: unknown, { max_items: most }: EachStepManifest, total?: number): readonly unknown[] {
  if (!Array.isArray(items))
    throw new OpenVibeError("OV_NODE_FAILED", `step ${id}: items gave a value of type ${typeof items}; allowed is a list`);
  if (items.length > most)
    throw new OpenVibeError("OV_ITEMS_LIMIT", `step ${id}: items gave ${items.length} items; allowed are ${most} (maxItems)`);
  if (total !== undefined && items.length !== total)
    throw new OpenVibeError(
      "OV_NODE_FAILED",
      `step ${id}: items gave ${items.length} items, and ${total} when the step began; they must follow from the state alone`,
    );
  return items;
}

/** @throws OpenVibeError OV_CHILD_FAILED when one that did not complete fails its parent */
async function stillOpen(id: string, { open, failFast }: ChildWait, children: ChildRuns): Promise<readonly RunId[]> {
  const statuses = await children.statuses(open);
  const failed = open.find((runId) => hasEnded(statuses.get(runId)) && statuses.get(runId) !== RunStatus.Completed);
  if (failFast && failed !== undefined) throw childFailed(id, toEnd(await children.find(failed), failed));
  return open.filter((runId) => !hasEnded(statuses.get(runId)));
}

/** In the order of the items. */
async function readEnds(id: string, wait: ChildWait, { on_failure }: EachStepManifest, children: ChildRuns): Promise<readonly ChildEnd[]> {
  const ends = new Map<number, ChildEnd>();
  let bytes = 0;
  for await (const { origin, run } of children.of(wait.origin)) {
    if (run.status !== RunStatus.Completed && on_failure === "skip") continue;
    const end = toEnd(run, run.runId);
    bytes += Buffer.byteLength(JSON.stringify(end));
    if (bytes > MAX_RESULTS_BYTES)
      throw new OpenVibeError(
        "OV_STATE_TOO_LARGE",
        `step ${id}: the results of its children have more than ${MAX_RESULTS_BYTES} bytes of JSON together, which is what is allowed`,
      );
    ends.set(Number(origin.slice(wait.origin.length)), end);
  }
  return [...ends].sort(([a], [b]) => a - b).map(([, end]) => end);
}

/** Someone may have deleted a child by hand: its parent must not wait for ever. */
function toEnd(run: Run | undefined, runId: RunId): ChildEnd {
  if (run === undefined || !isFinal(run.status))
    return { runId, status: "failed", output: {}, error: { code: "OV_RUN_NOT_FOUND", message: `there is no run ${runId} any more` } };
  return { runId: run.runId, status: run.status, output: run.output, error: run.error };
}

function childFailed(id: string, { runId, status, error }: ChildEnd): OpenVibeError {
  const why = error === null ? "" : `: ${error.message}`;
  return new OpenVibeError("OV_CHILD_FAILED", `step ${id}: its child run ${runId} ended ${status}${why}`, {
    extra: { child_run_id: runId, child_status: status, ...(error === null ? {} : { child_code: error.code }) },
  });
}

function nextOf(step: PlannedStep): PauseEnd["position"] {
  return step.kind === "linear" ? step.next : null;
}
