import type { StreamConfig } from "@nats-io/jetstream";
import type { StreamWish } from "./streams.ts";

/** One field of a stream that is not as wanted. */
export interface FieldDifference {
  readonly field: keyof StreamWish;
  readonly found: unknown;
  readonly wanted: unknown;
  /** Whether a server takes a change of it on a living stream. */
  readonly changeable: boolean;
}

/** How a found value may stand to the wanted one. `at_least`: more is as good; 0 or less means unlimited. */
type Rule = "same" | "fixed" | "at_least" | "at_least_number" | "includes" | "free";

const RULES: Readonly<Record<keyof StreamWish, Rule>> = {
  name: "fixed",
  description: "free",
  subjects: "includes",
  retention: "fixed",
  storage: "fixed",
  discard: "same",
  num_replicas: "at_least_number",
  max_bytes: "at_least",
  max_age: "at_least",
  max_msgs: "at_least",
  max_msgs_per_subject: "same",
  discard_new_per_subject: "same",
  duplicate_window: "at_least_number",
  allow_direct: "same",
  allow_rollup_hdrs: "same",
  republish: "same",
};

/** The fields that are not as wanted; a stream that holds more, longer or on more servers is as wanted. */
export function differences(wanted: StreamWish, found: Partial<StreamConfig>): readonly FieldDifference[] {
  return (Object.keys(RULES) as (keyof StreamWish)[])
    .filter((field) => wanted[field] !== undefined && !satisfies(RULES[field], wanted[field], found[field]))
    .map((field) => ({ field, found: found[field], wanted: wanted[field], changeable: RULES[field] !== "fixed" }));
}

function satisfies(rule: Rule, wanted: unknown, found: unknown): boolean {
  switch (rule) {
    case "free":
      return true;
    case "same":
    case "fixed":
      return sameValue(wanted, found ?? false);
    case "at_least":
      return isUnlimited(found) || (!isUnlimited(wanted) && Number(found) >= Number(wanted));
    case "at_least_number":
      return Number(found ?? 0) >= Number(wanted);
    case "includes":
      return Array.isArray(wanted) && Array.isArray(found) && wanted.every((entry) => found.includes(entry));
    default:
      return rule satisfies never;
  }
}

function isUnlimited(value: unknown): boolean {
  return value === undefined || Number(value) <= 0;
}

/** Compares what is wanted only: a server may add members of its own. */
function sameValue(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return wanted === found;
  if (typeof found !== "object" || found === null) return false;
  return Object.entries(wanted).every(([key, value]) => sameValue(value, (found as Record<string, unknown>)[key]));
}

/** What to ask a living stream to become: the wanted fields, and where it already has more, that. */
export function widened(wanted: StreamWish, found: Partial<StreamConfig>): Partial<StreamWish> {
  const fields = differences(wanted, found).map(({ field }) => field);
  const merged: Record<string, unknown> = {};
  for (const field of fields)
    merged[field] = field === "subjects" ? [...new Set([...(found.subjects ?? []), ...wanted.subjects])] : wanted[field];
  return merged;
}

/** `retention is limits, wanted workqueue; …` */
export function toText(found: readonly FieldDifference[]): string {
  return found
    .map(({ field, found: is, wanted }) => `${field} is ${JSON.stringify(is) ?? "not set"}, wanted ${JSON.stringify(wanted)}`)
    .join("; ");
}
