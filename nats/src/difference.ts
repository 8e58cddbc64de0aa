import type { StreamConfig } from "@nats-io/jetstream";
import type { StreamWish } from "./streams.ts";

/** One field of a stream or consumer that is not as declared. */
export interface FieldDifference {
  readonly field: string;
  readonly found: unknown;
  readonly wanted: unknown;
  /** Whether a server takes a change of it on what lives. */
  readonly changeable: boolean;
  /** Whether the change would take something away: kept messages, time, copies, subjects. Only done when forced. */
  readonly narrows: boolean;
}

/** How a found value may stand to the wanted one. `at_least`: more is as good; 0 or less means unlimited. */
type Rule = "same" | "fixed" | "at_least" | "at_least_number" | "includes" | "free";
type Field = keyof StreamWish;

const RULES: Readonly<Record<Field, Rule>> = {
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
  max_msg_size: "at_least",
  max_msgs_per_subject: "at_least",
  discard_new_per_subject: "same",
  duplicate_window: "at_least_number",
  allow_direct: "same",
  allow_rollup_hdrs: "same",
  republish: "same",
};

/** A queue rests upon refusing the second message of a subject; elsewhere a longer history is as good. */
function ruleOf(field: Field, wanted: StreamWish): Rule {
  return field === "max_msgs_per_subject" && wanted.discard_new_per_subject === true ? "same" : RULES[field];
}

/** The fields that are not as wanted; a stream that holds more, longer or on more servers is as wanted. */
export function differences(wanted: StreamWish, found: Partial<StreamConfig>): readonly FieldDifference[] {
  return declared(wanted)
    .filter((field) => !satisfies(ruleOf(field, wanted), wanted[field], found[field]))
    .map((field) => ({
      field,
      found: found[field],
      wanted: wanted[field],
      changeable: RULES[field] !== "fixed",
      narrows: field === "max_msgs_per_subject" && isMore(found[field], wanted[field]),
    }));
}

/** What is as good as wanted because there is more of it: nothing takes that away unless forced. */
export function surplus(wanted: StreamWish, found: Partial<StreamConfig>): readonly FieldDifference[] {
  return declared(wanted)
    .filter((field) => exceeds(ruleOf(field, wanted), wanted[field], found[field]))
    .map((field) => ({ field, found: found[field], wanted: wanted[field], changeable: true, narrows: true }));
}

function declared(wanted: StreamWish): readonly Field[] {
  return (Object.keys(RULES) as Field[]).filter((field) => wanted[field] !== undefined);
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

function exceeds(rule: Rule, wanted: unknown, found: unknown): boolean {
  switch (rule) {
    case "free":
    case "same":
    case "fixed":
      return false;
    case "at_least":
      return isMore(found, wanted);
    case "at_least_number":
      return Number(found ?? 0) > Number(wanted);
    case "includes":
      return Array.isArray(wanted) && Array.isArray(found) && found.some((entry) => !wanted.includes(entry));
    default:
      return rule satisfies never;
  }
}

function isMore(found: unknown, wanted: unknown): boolean {
  return !isUnlimited(wanted) && (isUnlimited(found) || Number(found) > Number(wanted));
}

function isUnlimited(value: unknown): boolean {
  return value === undefined || Number(value) <= 0;
}

/** Compares what is wanted only: a server may add members of its own. */
export function sameValue(wanted: unknown, found: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return wanted === found;
  if (typeof found !== "object" || found === null) return false;
  return Object.entries(wanted).every(([key, value]) => sameValue(value, (found as Record<string, unknown>)[key]));
}

/** What to ask a living stream to become: the wanted fields, and where it already has more, that; forced, exactly the wanted. */
export function changed(wanted: StreamWish, found: Partial<StreamConfig>, { force = false } = {}): Partial<StreamWish> {
  const merged: Record<string, unknown> = {};
  for (const { field } of [...differences(wanted, found), ...(force ? surplus(wanted, found) : [])])
    merged[field] = field === "subjects" && !force ? [...new Set([...(found.subjects ?? []), ...wanted.subjects])] : wanted[field as Field];
  return merged;
}

/** `retention is limits, wanted workqueue; …` */
export function toText(found: readonly FieldDifference[]): string {
  return found
    .map(({ field, found: is, wanted }) => `${field} is ${shownValue(field, is)}, wanted ${shownValue(field, wanted)}`)
    .join("; ");
}

const DURATIONS = new Set(["max_age", "duplicate_window", "ack_wait"]);
const UNITS = [
  ["d", 86_400e9],
  ["h", 3_600e9],
  ["m", 60e9],
  ["s", 1e9],
  ["ms", 1e6],
] as const;

/** A value for people: nanoseconds as `7d`, bytes as `2 GiB`. */
export function shownValue(field: string, value: unknown): string {
  if (value === undefined) return "not set";
  if (typeof value !== "number") return JSON.stringify(value);
  if (value < 0 || (value === 0 && field.startsWith("max_"))) return "unlimited";
  if (DURATIONS.has(field)) {
    const [unit, size] = UNITS.find(([, nanos]) => value >= nanos && value % nanos === 0) ?? ["ns", 1];
    return `${value / size}${unit}`;
  }
  return field === "max_bytes" ? shownBytes(value) : String(value);
}

export function shownBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** power;
  return `${Number.isInteger(size) ? size : size.toFixed(1)} ${units[power]}`;
}
