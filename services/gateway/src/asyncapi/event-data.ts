/** What lies in `data` of OpenVibe's own events, by type. Objects are open: more fields may come. Longer than most: one table. */
import type { RUN_STATUSES } from "@openvibe/core";
import { type ZodType, z } from "zod";
import { Json, JsonObject, Time } from "../schemas/json.ts";
import { RunBody } from "../schemas/runs.ts";

export interface EventDoc {
  readonly says: string;
  readonly data: ZodType;
}

const event = (says: string, data: z.core.$ZodLooseShape = {}): EventDoc => ({ says, data: z.looseObject(data) });

const RunFailure = z.looseObject({ code: z.string(), message: z.string(), node_id: z.string().optional() }).meta({ id: "RunFailure" });
const Usage = RunBody.shape.metrics.meta({ id: "RunMetrics" }).optional().describe("Absent where no worker held the run when it ended.");
const kind = z.string().describe("llm, node, branch, loop, wait, human, graph, run or each.");
const stepTime = { started_at: Time, duration_ms: z.number() };

const changed = {
  bucket: z.string(),
  key: z.string(),
  revision: z.int(),
  run_id: z.string().optional().describe("The run whose node did it. Absent where it was no run."),
};

function ended(says: string, status: (typeof RUN_STATUSES)[number], more: z.core.$ZodLooseShape = {}): EventDoc {
  return event(`${says} Nothing of the run comes after it.`, { status: z.literal(status), ...more, metrics: Usage });
}

export const STORED_EVENTS: Readonly<Record<string, EventDoc>> = {
  "run.queued": event("A run was accepted.", { trigger: z.string(), workflow_id: z.string() }),
  "run.started": event("A worker took a new run."),
  "run.waiting": event("The run waits, and holds no worker.", {
    kind: z.enum(["human", "timer", "event", "child", "retry"]).describe("The other fields are those of the run's `interrupt.data`."),
  }),
  "run.resumed": event("What the run waited for has come.", { kind: z.string(), by: z.string().optional() }),
  "run.completed": ended("The run has done what it was to do.", "completed", { output: JsonObject }),
  "run.failed": ended("The run has failed.", "failed", { error: RunFailure }),
  "run.cancelled": ended("The run was cancelled.", "cancelled"),
  "run.timed_out": ended("The run had not ended by its deadline.", "timed_out", { error: RunFailure }),
  "run.dead_lettered": ended("The run took its workers with it too often.", "dead_lettered", { error: RunFailure.optional() }),
  "node.completed": event("A node's result is stored.", {
    ...stepTime,
    tokens_in: z.int().optional().describe("Absent where no model was called, as are the next two."),
    tokens_out: z.int().optional(),
    cost_usd: z.number().nullable().optional().describe("null when the price of a call is not known."),
  }),
  "node.failed": event("A node has failed for good; the run fails with it.", { ...stepTime, error: RunFailure }),
  "context.updated": event("An entry of shared context was written.", { ...changed, value: Json.optional() }),
  "context.deleted": event("An entry of shared context was deleted.", changed),
  "operator.registered": event("An operator, or a new version of one, can be started."),
  "operator.removed": event("An operator can be started no more."),
  "subscription.disabled": event("A receiver of webhooks said that it is gone.", { subscription_id: z.string(), reason: z.string() }),
};

export const LIVE_EVENTS: Readonly<Record<string, EventDoc>> = {
  "node.started": event("A node is running that has not ended at once.", { kind }),
  "node.retrying": event("A node's attempt has failed, and it is tried again.", {
    attempt: z.int().describe("The one that has failed, from 1."),
    delay_ms: z.number(),
    error: z.string().describe("For people."),
    model: z.string().optional().describe("The one that is asked next, where it is another."),
  }),
  "node.progress": event("What a node says of how far it is; ten times a second at most."),
  "node.skipped": event("A node's condition did not hold: it was not run.", { kind }),
  "llm.delta": event("A piece of a model's answer, before it is known to be the last try.", { text: z.string() }),
};
