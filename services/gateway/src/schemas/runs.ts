/** The bodies of runs: what begins one, answers it, and what it looks like. */
import { RUN_STATUSES } from "@openvibe/core";
import { z } from "zod";
import { JsonObject, Time } from "./json.ts";

const Tags = z
  .record(
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,63}$/),
    z.string().max(256).meta({ pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" }),
  )
  .meta({ id: "Tags", description: "Short texts by name.", maxProperties: 32 });

export const RunBody = z
  .object({
    run_id: z.string(),
    operator_id: z.string(),
    workflow_id: z.string(),
    trigger: z.string(),
    status: z.enum(RUN_STATUSES),
    input: JsonObject,
    output: JsonObject.describe("Every state field given as input or written by a node; empty before the end."),
    error: z.object({ code: z.string(), message: z.string(), node_id: z.string().optional() }).optional(),
    interrupt: z.object({ kind: z.enum(["human", "timer", "event", "child", "retry"]), node_id: z.string(), data: JsonObject }).optional(),
    parked: z
      .object({
        reason: z.string(),
        needs_version: z.string().describe("That the run goes by."),
        met_version: z.string().describe("Of the worker that met it last."),
        node_id: z.string().nullable().describe("The step that comes next; null behind the last."),
        since: Time,
      })
      .optional()
      .describe("No worker that has met it has a version that fits; it goes on as soon as one with such a version is there."),
    metrics: z.object({
      duration_seconds: z.number().describe("From the first claim to the end, waits included."),
      tokens_in: z.int(),
      tokens_out: z.int(),
      cache_read_tokens: z.int(),
      cache_write_tokens: z.int(),
      cost_usd: z.number().nullable().describe("null as soon as one call's price is unknown."),
      nodes_executed: z.int(),
      nodes_failed: z.int(),
      llm_calls: z.int(),
    }),
    parent_run_id: z.string().optional(),
    rerun_of: z.string().optional(),
    ignored_input: z.array(z.string()).describe("Input keys that are no state field."),
    attempt: z.int(),
    version: z.string().describe("Of the operator's definition that the run goes by."),
    tags: Tags,
    deadline: Time.optional().describe("When the run times out wherever it stands."),
    cancel_requested: z.literal(true).optional(),
    created_at: Time,
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
  })
  .meta({ id: "Run" });

export const AcceptedRunBody = RunBody.extend({
  warnings: z.array(z.string()).describe("no_worker: nobody serves the operator now; the run waits for somebody."),
}).meta({ id: "AcceptedRun" });

export const ActivationBody = z
  .strictObject({
    trigger: z.string().describe("Id of a trigger, or of a workflow."),
    input: JsonObject.optional().describe("Laid over the state's defaults."),
    tags: Tags.optional().describe("Kept with the run, to find it again: at most 32, names without a colon."),
    deadline: z.iso.datetime({ offset: true }).optional().describe("Not ended by then, the run is timed_out; a time to come (RFC 3339)."),
    priority: z.literal("normal").optional().describe("There is one lane, so that normal is all there is: it changes nothing."),
  })
  .meta({ id: "Activation", examples: [{ trigger: "greet", input: {} }] });

export const RerunBody = z
  .strictObject({
    from_step: z
      .string()
      .optional()
      .describe("Where to begin, with the state that this step saw the last time; at the first step without it."),
    state: JsonObject.optional().describe("State fields, laid over what the run begins with."),
    input: JsonObject.optional().describe("In place of the old run's input."),
    model: z.record(z.string(), z.string().min(1).max(200).regex(/\S/)).optional().describe("By step: the model that is asked."),
    prompt: z
      .record(z.string(), z.strictObject({ system: z.string().optional(), user: z.string().optional() }).meta({ minProperties: 1 }))
      .optional()
      .describe("By step: in place of what the step's own code says."),
  })
  .meta({ id: "Rerun", examples: [{ from_step: "write", model: { write: "opus" } }] });

export const AnswerBody = z
  .strictObject({
    answer: JsonObject.describe("Fits the schema in the run's interrupt."),
    by: z.string().min(1).max(200).regex(/\S/).optional().describe("Who answers; needed where the step names approvers."),
  })
  .meta({ id: "Answer" });
