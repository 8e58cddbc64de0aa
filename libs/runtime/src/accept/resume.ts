import type { WorkQueue } from "@openvibe/bus";
import { type Clock, isPlainObject, type JsonObject, type JsonSchema, newToken, OpenVibeError, type Run, toIso } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";
import { compileSchema, toDetails } from "./schema-check.ts";

/** Somebody's answer to a run that waits for one. */
export interface Answer {
  readonly answer: JsonObject;
  /** Who answers; needed where the step names approvers. */
  readonly by?: string;
}

export interface ResumeDeps {
  readonly runs: Pick<RunStore, "wake" | "find">;
  readonly queue: Pick<WorkQueue, "publish">;
  readonly clock: Clock;
}

export interface Resumed {
  /** As it is now: queued. */
  readonly run: Run;
  /** The wake-up on its way. When it is lost, the sweep says it again. */
  readonly published: Promise<unknown>;
}

/**
 * Wakes a run that waits for an answer (DESIGN §6 rule 2). Of several answers at once, and the timeout, one wins.
 * @throws OpenVibeError OV_RUN_NOT_WAITING, OV_ANSWER_INVALID (the run waits on), OV_STORE_UNAVAILABLE
 */
export async function resumeRun({ runs, queue, clock }: ResumeDeps, run: Run, { answer, by }: Answer): Promise<Resumed> {
  if (run.status !== "waiting" || run.interrupt?.kind !== "human") throw notWaiting(run);
  const { data, node_id: nodeId } = run.interrupt;
  checkAnswer(run, data.schema, answer);
  checkApprover(run, data, by);
  const body: JsonObject = { answer, ...(by === undefined ? {} : { by }) };
  const event = {
    type: "run.resumed",
    time: toIso(clock.now()),
    node_id: nodeId,
    data: { kind: "resume", ...(by === undefined ? {} : { by }) },
  };
  const won = await runs.wake({ runId: run.runId, seen: run.wake, kind: "resume", body, wakeId: newToken(), event });
  const now = await runs.find(run.runId);
  if (!won) throw notWaiting(now ?? run);
  const published = queue.publish({ operatorId: run.operatorId, runId: run.runId, kind: "resume", wake: run.wake + 1 });
  return { run: now ?? run, published };
}

function notWaiting(run: Run): OpenVibeError {
  const waits = run.status === "waiting" ? `waits for a ${run.interrupt?.kind ?? "wake-up"}, not for an answer` : `is ${run.status}`;
  return new OpenVibeError("OV_RUN_NOT_WAITING", `run ${run.runId} ${waits}; only a run that waits for an answer can be resumed`);
}

function checkAnswer({ runId, interrupt }: Run, schema: unknown, answer: JsonObject): void {
  if (!isPlainObject(schema)) return;
  const validate = compileSchema(schema as JsonSchema);
  if (validate(answer)) return;
  const errors = toDetails(validate.errors ?? [], "/answer");
  const [first] = errors;
  const said = first === undefined ? "does not fit" : `${first.pointer}: ${first.detail}`;
  throw new OpenVibeError("OV_ANSWER_INVALID", `answer to ${interrupt?.node_id} of run ${runId} at ${said}; the run waits on`, { errors });
}

function checkApprover({ runId, interrupt }: Run, { approvers, answers }: JsonObject, by: string | undefined): void {
  if (!isPlainObject(approvers) || !Array.isArray(approvers.of)) return;
  const given = Array.isArray(answers) ? answers.map((one) => (isPlainObject(one) ? one.by : undefined)) : [];
  const open = approvers.of.filter((name) => !given.includes(name));
  if (by !== undefined && open.includes(by)) return;
  const said =
    by === undefined
      ? "by is missing"
      : given.includes(by)
        ? `${JSON.stringify(by)} has answered already`
        : `${JSON.stringify(by)} is not asked`;
  throw new OpenVibeError(
    "OV_ANSWER_INVALID",
    `answer to ${interrupt?.node_id} of run ${runId}: ${said}; an answer is still open of ${open.join(", ")}`,
    { errors: [{ pointer: "/by", detail: `must be one of ${open.map((name) => JSON.stringify(name)).join(", ")}` }] },
  );
}
