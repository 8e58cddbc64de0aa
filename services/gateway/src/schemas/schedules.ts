/** The body of a schedule. */
import { RUN_STATUSES } from "@openvibe/core";
import { z } from "zod";
import { Time } from "./json.ts";

export const ScheduleBody = z
  .object({
    operator_id: z.string(),
    workflow_id: z.string(),
    trigger: z.string(),
    expression: z.string().describe("Five fields: minute, hour, day of the month, month, day of the week."),
    time_zone: z.string(),
    catch_up: z.enum(["last", "none", "all"]).describe("What becomes of slots that passed while no scheduler ran."),
    paused: z.boolean(),
    paused_at: Time.nullable(),
    next_slots: z.array(Time).describe("The next three; none while it is paused."),
    last_run: z
      .object({
        run_id: z.string(),
        slot: Time,
        status: z.enum(RUN_STATUSES).nullable().describe("null when the run is not kept any more."),
      })
      .nullable()
      .describe("Of the newest slot that has a run."),
  })
  .meta({ id: "Schedule" });
