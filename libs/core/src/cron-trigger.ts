import { toIso } from "./clock.ts";
import { findCronFieldFault } from "./cron-fields.ts";
import type { OperatorId } from "./ids.ts";
import { shown } from "./shown.ts";

/** When a workflow is started by the clock. */
export interface CronTrigger {
  /** Five fields with a space between: `0 7 * * 1-5`. */
  readonly expression: string;
  /** An IANA time zone, `UTC` where none was given. */
  readonly zone: string;
}

/** What becomes of slots that passed while nobody looked: only the last of them, none, or each (within a day). */
export type CatchUp = "last" | "none" | "all";

const KIND = "cron:";

/** Reads `cron:<five fields> [time zone]`; `undefined` for triggers of other kinds, and for one that `findCronFault` objects to. */
export function findCronTrigger(on: string): CronTrigger | undefined {
  if (!on.startsWith(KIND) || findCronFault(on.slice(KIND.length)) !== undefined) return undefined;
  const parts = partsOf(on.slice(KIND.length));
  return { expression: parts.slice(0, 5).join(" "), zone: parts[5] ?? "UTC" };
}

/** Says what is wrong with what follows `cron:`; `undefined` when nothing is. */
export function findCronFault(rest: string): string | undefined {
  const parts = partsOf(rest);
  if (parts.length < 5 || parts.length > 6)
    return `has ${parts.length} parts; allowed are five fields and a time zone, such as cron:0 7 * * 1-5 Europe/Berlin`;
  const fault = findCronFieldFault(parts.slice(0, 5));
  if (fault !== undefined) return fault;
  const zone = parts[5];
  if (zone === undefined || isTimeZone(zone)) return undefined;
  return `${shown(zone)} is no time zone (five fields, then a zone such as Europe/Berlin)`;
}

/** The cause of a run that the clock starts: at most one run has it, however many schedulers look. */
export function cronOrigin(operatorId: OperatorId, triggerId: string, slot: number): string {
  return `cron:${operatorId}.${triggerId}:${toIso(slot)}`;
}

function partsOf(rest: string): readonly string[] {
  return rest.trim().split(/\s+/);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
