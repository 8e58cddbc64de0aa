import { isPlainObject, type JsonObject } from "./json.ts";
import { OpenVibeError } from "./problems.ts";
import { shown } from "./shown.ts";
import { valueAt } from "./value-at.ts";

/** How often a trigger starts runs. A trigger has one of these at most. `key` is a path into the event's data: events with the same value belong together. */
export type Pacing = {
  /** One run after a quiet time, of the last event; at the latest `max_ms` after the first. */
  readonly debounce?: { readonly wait_ms: number; readonly max_ms?: number; readonly key?: string };
  /** One run for up to `size` events, at the latest `wait_ms` after the first of them. */
  readonly batch?: { readonly size: number; readonly wait_ms: number; readonly key?: string };
  /** So many starts within any `per_ms`; events above it wait for their turn. */
  readonly rate?: { readonly limit: number; readonly per_ms: number; readonly key?: string };
  /** One run under way; an event that comes meanwhile is skipped, or has that run cancelled. */
  readonly singleton?: { readonly mode: SingletonMode; readonly key?: string };
  /** So many runs queued or running at once; events above it wait for their turn. */
  readonly concurrency?: { readonly limit: number; readonly key?: string };
};

export type SingletonMode = "skip" | "cancel";

export const PACINGS = ["debounce", "batch", "rate", "singleton", "concurrency"] as const satisfies readonly (keyof Pacing)[];

/** Starts of requests that a rate may count. */
export const MAX_REQUEST_RATE = 1_000;
/** Events in one run of a batch. */
export const MAX_BATCH = 100;
const MAX_KEY_LENGTH = 256;

/** The one that a trigger has; `undefined` of a trigger that starts a run for each event. */
export function findPacing(trigger: Pacing): Pacing | undefined {
  const name = PACINGS.find((each) => trigger[each] !== undefined);
  return name === undefined ? undefined : { [name]: trigger[name] };
}

/** Whether what a manifest says can be followed: another OpenVibe may have written it. */
export function isPacingKnown(trigger: Pacing): boolean {
  return PACINGS.every((name) => {
    const value: unknown = trigger[name];
    if (value === undefined) return true;
    if (!isPlainObject(value)) return false;
    const { key, mode, ...numbers } = value;
    if (!(key === undefined || typeof key === "string") || (name === "singleton" && mode !== "skip" && mode !== "cancel")) return false;
    return NUMBERS[name].every((each) => isCount(numbers[each])) && (numbers.max_ms === undefined || isCount(numbers.max_ms));
  });
}

const NUMBERS = {
  debounce: ["wait_ms"],
  batch: ["size", "wait_ms"],
  rate: ["limit", "per_ms"],
  singleton: [],
  concurrency: ["limit"],
} as const satisfies Record<keyof Pacing, readonly string[]>;

/** At most what a column of 32 bits holds. */
function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31;
}

/**
 * What tells the events of a trigger apart, as text; empty without a key.
 * @throws OpenVibeError OV_REQUEST_INVALID when the data has no text or number of up to 256 characters there
 */
export function pacingKey(pacing: Pacing, data: JsonObject): string {
  const path = PACINGS.map((each) => pacing[each]?.key).find((key) => key !== undefined);
  if (path === undefined) return "";
  const value = valueAt(data, path.split("."));
  if ((typeof value === "string" && value.length <= MAX_KEY_LENGTH) || typeof value === "number") return JSON.stringify(value);
  const found = typeof value === "string" ? `a text of ${value.length} characters` : shown(value);
  throw new OpenVibeError(
    "OV_REQUEST_INVALID",
    `key ${shown(path)} of the data is ${found}; allowed is a text of up to ${MAX_KEY_LENGTH} characters or a number`,
  );
}
