/** Begins and reads the children of one run in its owner's hands. */
import type { Bus } from "@openvibe/bus";
import {
  type Clock,
  isOpenVibeError,
  type JsonObject,
  type Logger,
  newRunId,
  OpenVibeError,
  type OperatorId,
  type Run,
  type RunId,
  type RunStatus,
  toIso,
  type WorkflowId,
} from "@openvibe/core";
import type { Child, ChildStore, NewRun, RunStore } from "@openvibe/store";
import type { Catalogue } from "./accept/catalogue.ts";
import { type RunRequest, toNewRun } from "./accept/new-run.ts";
import { runFields } from "./log-fields.ts";
import { patiently } from "./patience.ts";

/** Runs that may stand above one: its parent, the parent of that, and so on. */
const MAX_CHILD_DEPTH = 16;
const PAGE = 100;

export interface ChildRunsDeps {
  readonly parent: Run;
  readonly runs: Pick<RunStore, "insert" | "find">;
  readonly children: ChildStore;
  readonly queue: Bus["queue"];
  readonly catalogue: Pick<Catalogue, "getWorkflowOf">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the patience with a store that does not answer; once aborted nothing more is begun. */
  readonly signal: AbortSignal;
}

export interface ChildRequest {
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  /** The step that begins it. */
  readonly nodeId: string;
  readonly input: JsonObject;
  /** The cause: the same one again finds the child that it began. */
  readonly origin: string;
  readonly timeoutMs: number | undefined;
}

export interface ChildRuns {
  /** @throws OpenVibeError OV_INPUT_INVALID, OV_TRIGGER_NOT_FOUND, OV_CHILD_DEPTH */
  begin(request: ChildRequest): Promise<Run>;
  /** How each of these runs stands. */
  statuses(runIds: readonly RunId[]): Promise<ReadonlyMap<RunId, RunStatus | undefined>>;
  find(runId: RunId): Promise<Run | undefined>;
  /** Those whose origins begin so, in the order in which they were begun. */
  of(origin: string): AsyncIterable<Child>;
}

export function openChildRuns(deps: ChildRunsDeps): ChildRuns {
  const { parent, runs, children, signal } = deps;
  let checked: Promise<void> | undefined;
  return {
    async begin(request) {
      checked ??= checkDepth(deps);
      await checked;
      const newRun = await toChild(deps, request);
      signal.throwIfAborted();
      const { run } = await patiently(() => runs.insert(newRun), { signal });
      if (run.status === "queued") publishWakeUp(deps, run);
      return run;
    },
    async statuses(runIds) {
      const found = await Promise.all(
        runIds.map(async (runId) => [runId, await patiently(() => children.statusOf(runId), { signal })] as const),
      );
      return new Map(found);
    },
    find: (runId) => patiently(() => runs.find(runId), { signal }),
    async *of(origin) {
      for (let after: Run | undefined; ; ) {
        const request = { parentRunId: parent.runId, origin, limit: PAGE, ...(after === undefined ? {} : { after }) };
        const page = await patiently(() => children.list(request), { signal });
        yield* page;
        after = page.at(-1)?.run;
        if (page.length < PAGE) return;
      }
    },
  };
}

/** An operator that nobody has registered yet is not refused: its child waits for it, and its input is checked by its first claim. */
async function toChild(deps: ChildRunsDeps, request: ChildRequest): Promise<NewRun> {
  const { parent, catalogue, clock, logger, signal } = deps;
  const { operatorId, workflowId, nodeId, input, origin, timeoutMs } = request;
  const now = clock.now();
  const deadline = soonest(parent.deadline, timeoutMs === undefined ? null : now + timeoutMs);
  const trigger = `child:${nodeId}`;
  const asked: RunRequest = {
    operatorId,
    trigger,
    input,
    tags: {},
    origin,
    parentRunId: parent.runId,
    ...(deadline === null ? {} : { deadline }),
    ...(parent.traceparent === undefined ? {} : { traceparent: parent.traceparent }),
  };
  try {
    const found = await patiently(() => catalogue.getWorkflowOf({ operatorId, workflowId, trigger }), { signal });
    return toNewRun(asked, undefined, found, now);
  } catch (error) {
    if (!isOpenVibeError(error, "OV_OPERATOR_NOT_FOUND")) throw error;
    logger.warn(
      { ...runFields(parent), node_id: nodeId, child_operator_id: operatorId },
      "a child waits for an operator that nobody knows",
    );
    return toUnknownRun(asked, workflowId, now);
  }
}

function toUnknownRun({ operatorId, trigger, input, tags, ...given }: RunRequest, workflowId: WorkflowId, now: number): NewRun {
  return {
    ...given,
    runId: newRunId(now),
    operatorId,
    workflowId,
    trigger,
    definition: "",
    input,
    ignoredInput: [],
    tags,
    event: { type: "run.queued", time: toIso(now), data: { trigger, workflow_id: workflowId } },
  };
}

function soonest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Not awaited: what does not get through is published by the sweep. */
function publishWakeUp({ queue, logger }: ChildRunsDeps, run: Run): void {
  queue
    .publish({ operatorId: run.operatorId, runId: run.runId, kind: "start", wake: 0 })
    .catch((err) => logger.warn({ ...runFields(run), err }, "a child's wake-up is left to the sweep"));
}

/** Asked once by a parent that has a parent itself; all others stand at the top. */
export async function checkDepth({
  parent,
  runs,
  signal,
}: Pick<ChildRunsDeps, "parent" | "signal"> & { readonly runs: Pick<RunStore, "find"> }): Promise<void> {
  let depth = 1;
  for (let above = parent.parentRunId; above !== null; depth++) {
    const runId = above;
    if (depth >= MAX_CHILD_DEPTH)
      throw new OpenVibeError(
        "OV_CHILD_DEPTH",
        `run ${parent.runId} stands below ${MAX_CHILD_DEPTH} other runs or more, so that it may begin none; allowed are ${MAX_CHILD_DEPTH} above a run`,
      );
    above = (await patiently(() => runs.find(runId), { signal }))?.parentRunId ?? null;
  }
}
