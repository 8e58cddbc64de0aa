import { z } from "zod";
import type { TriggerSettings } from "../draft.ts";
import { findCatchUpFault, findFilterFault, findTriggerFault } from "../triggers.ts";
import type { Path } from "./source.ts";
import type { Spot } from "./spots.ts";

const On = z
  .string()
  .describe(
    '"on_demand", "webhook:<source>_<name>", "event:<type>", "event:<operator>:<type>", "context:<bucket>.<keys>" or "cron:0 7 * * 1-5 Europe/Berlin".',
  );

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()], { error: "must be a text, a number, true, false or null" });

const Options = z.strictObject({
  on: On,
  filter: z
    .record(z.string(), Value)
    .optional()
    .describe('Of an event: only one whose data has these values starts a run, by fields or paths: { "lead.region": emea }.'),
  catch_up: z
    .enum(["last", "none", "all"], { error: "must be last, none or all" })
    .optional()
    .describe("Of the clock: which of the times that passed while nothing ran start a run; last by default."),
});

/** What starts a workflow: a text, or a mapping with more to say about it. */
export const TriggerForm = z.union([On, Options]);
export type TriggerForm = z.infer<typeof TriggerForm>;

/** `at` names the trigger. @throws OpenVibeError OV_DEFINITION_INVALID where it stands */
export function readTrigger(form: TriggerForm, at: string, spot: (...path: Path) => Spot): string | TriggerSettings {
  const { on, filter, catch_up }: z.infer<typeof Options> = typeof form === "string" ? { on: form } : form;
  const refuse = (fault: string | undefined, ...path: Path) => {
    if (fault !== undefined) throw spot(...path).fault(`${at}: ${fault}`);
  };
  refuse(findTriggerFault(on), ...(typeof form === "string" ? [] : ["on"]));
  if (filter !== undefined) refuse(findFilterFault(filter, on), "filter");
  if (catch_up !== undefined) refuse(findCatchUpFault(catch_up, on)?.replace("catchUp", "catch_up"), "catch_up");
  return { on, ...(filter === undefined ? {} : { filter }), ...(catch_up === undefined ? {} : { catchUp: catch_up }) };
}
