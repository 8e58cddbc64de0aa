/** What the steps of a run did. */
import { RUN_STATUSES } from "@openvibe/core";
import { z } from "zod";
import { JsonObject, pageOf, Time } from "./json.ts";

const StepRecordBody = z
  .object({
    node_id: z.string(),
    kind: z.enum(["llm", "node", "branch", "loop", "wait", "human", "graph", "run", "each"]),
    attempt: z.int().describe("Of the run: raised by each worker that takes it."),
    tries: z.int().describe("How often the step was tried within that attempt."),
    started_at: Time,
    duration_ms: z.number(),
    patch: JsonObject.describe("The state fields it wrote; empty where it failed."),
    skipped: z.literal(true).optional().describe("Its `when` did not hold: it was not run."),
    next: z.string().nullable().describe("The step after it; null at the end."),
    model: z.string().optional().describe("The model that answered last; absent where none was called, as are the next four."),
    llm_calls: z.int().optional(),
    tokens_in: z.int().optional(),
    tokens_out: z.int().optional(),
    cost_usd: z.number().nullable().optional().describe("US dollars; null when the price of a call is not known."),
    error: z.object({ code: z.string(), message: z.string(), node_id: z.string().optional() }).optional(),
  })
  .meta({ id: "StepRecord" });

export const HistoryBody = pageOf(StepRecordBody)
  .extend({
    run_id: z.string(),
    operator_id: z.string(),
    workflow_id: z.string(),
    status: z.enum(RUN_STATUSES),
    recorded: z.boolean().describe("false: the run has finished steps, and no history was kept of them (OPENVIBE_HISTORY)."),
    input: JsonObject.describe("What the patches are laid over, one after the other."),
    began_with: z
      .object({ from_step: z.string(), state: JsonObject })
      .optional()
      .describe("Of a rerun from a step: the patches are laid over this state instead."),
  })
  .meta({ id: "History" });
