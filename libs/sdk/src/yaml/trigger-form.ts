import { messageOf, PACINGS } from "@openvibe/core";
import { z } from "zod";
import { compilePacing } from "../compile-pacing.ts";
import type { TriggerSettings } from "../draft.ts";
import { findCatchUpFault, findFilterFault, findTriggerFault } from "../triggers.ts";
import { Duration } from "./kinds/kind.ts";
import type { Path } from "./source.ts";
import type { Spot } from "./spots.ts";

const On = z
  .string()
  .describe(
    '"on_demand", "webhook:<source>_<name>", "event:<type>", "event:self:<type>", "event:<operator>:<type>", "context:<bucket>.<keys>" or "cron:0 7 * * 1-5 Europe/Berlin".',
  );

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()], { error: "must be a text, a number, true, false or null" });

const Key = z
  .string()
  .optional()
  .describe("A path into the event's data, such as lead.id: events with the same value there belong together.");
const Mode = z.enum(["skip", "cancel"], { error: "must be skip or cancel" });
const Count = z.int({ error: "must be a whole number" }).positive({ error: "must be above 0" });

/** How often runs are started; what numbers and spans are allowed is said by `compilePacing`, as for the other spellings. */
const Pacing = {
  debounce: z
    .strictObject({ wait: Duration, max: Duration.optional(), key: Key })
    .optional()
    .describe("One run after a quiet time of wait, with the last event; at the latest max after the first."),
  batch: z
    .strictObject({ size: Count, wait: Duration, key: Key })
    .optional()
    .describe("One run for up to size events, at the latest wait after the first of them."),
  rate: z
    .strictObject({ limit: Count, per: Duration, key: Key })
    .optional()
    .describe("So many starts within any per; events above it wait for their turn, requests are refused."),
  singleton: z
    .union([Mode, z.strictObject({ mode: Mode, key: Key })])
    .optional()
    .describe("One run under way: an event that comes meanwhile is skipped, or has that run cancelled."),
  concurrency: z
    .union([Count, z.strictObject({ limit: Count, key: Key })])
    .optional()
    .describe("So many runs queued or running at once; events above it wait for their turn."),
};

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
  ...Pacing,
});

/** What starts a workflow: a text, or a mapping with more to say about it. */
export const TriggerForm = z.union([On, Options]);
export type TriggerForm = z.infer<typeof TriggerForm>;

/** `at` names the trigger. @throws OpenVibeError OV_DEFINITION_INVALID where it stands */
export function readTrigger(form: TriggerForm, at: string, spot: (...path: Path) => Spot): string | TriggerSettings {
  const { on, filter, catch_up, ...pacing }: z.infer<typeof Options> = typeof form === "string" ? { on: form } : form;
  const refuse = (fault: string | undefined, ...path: Path) => {
    if (fault !== undefined) throw spot(...path).fault(`${at}: ${fault}`);
  };
  refuse(findTriggerFault(on), ...(typeof form === "string" ? [] : ["on"]));
  if (filter !== undefined) refuse(findFilterFault(filter, on), "filter");
  if (catch_up !== undefined) refuse(findCatchUpFault(catch_up, on)?.replace("catchUp", "catch_up"), "catch_up");
  try {
    compilePacing(pacing, on, at);
  } catch (error) {
    const last = PACINGS.findLast((name) => pacing[name] !== undefined);
    throw spot(...(last === undefined ? [] : [last])).fault(messageOf(error));
  }
  return { on, ...(filter === undefined ? {} : { filter }), ...(catch_up === undefined ? {} : { catchUp: catch_up }), ...pacing };
}
