import {
  type CatchUp,
  type Duration,
  findContextTrigger,
  findCronFault,
  isEventType,
  isId,
  isPlainObject,
  type PACINGS,
  type SingletonMode,
} from "@openvibe/core";
import { shown } from "./definition-fault.ts";

/**
 * What starts a workflow: a request, a webhook (`webhook:hubspot_new_lead`: source, `_`, name), an event of any operator (`event:lead.qualified`),
 * of this one (`event:self:lead.qualified`) or of another (`event:market_intel:analysis_complete`), a change of shared context
 * (`context:context-leads.*.score`: bucket, `.`, keys, in which `*` stands for any characters), or the clock (`cron:0 7 * * 1-5 Europe/Berlin`,
 * five fields, UTC unless a time zone follows).
 */
export type Trigger = "on_demand" | `webhook:${string}_${string}` | `event:${string}` | `context:${string}` | `cron:${string}`;

/** Of an event or a change of shared context: how often runs are started, in one of these ways. `key` is a path into the event's data, such as `"lead.id"`. */
export type PacingOptions =
  | NoPacing
  | (Without<"debounce"> & {
      /** One run after a quiet time of `wait`, with the last event; at the latest `max` after the first. */
      readonly debounce: { readonly wait: Duration; readonly max?: Duration; readonly key?: string };
    })
  | (Without<"batch"> & {
      /** One run for up to `size` events (100 at most), at the latest `wait` after the first: `ctx.trigger.events`, and their data in the state's `events`. */
      readonly batch: { readonly size: number; readonly wait: Duration; readonly key?: string };
    })
  | (Without<"rate"> & {
      /** So many starts within any `per`; what is above waits for its turn. */
      readonly rate: { readonly limit: number; readonly per: Duration; readonly key?: string };
    })
  | (Without<"singleton"> & {
      /** One run under way: an event that comes meanwhile is skipped, or has that run cancelled and follows it. */
      readonly singleton: SingletonMode | { readonly mode: SingletonMode; readonly key?: string };
    })
  | (Without<"concurrency"> & {
      /** So many runs queued or running at once; what is above waits for its turn. */
      readonly concurrency: number | { readonly limit: number; readonly key?: string };
    });

type NoPacing = { readonly [K in (typeof PACINGS)[number]]?: never };
type Without<K extends (typeof PACINGS)[number]> = Omit<NoPacing, K>;

/** A trigger with more to say about it. */
export type TriggerOptions = PacingOptions & {
  readonly on: Trigger;
  /** Of an event: only one whose data has these values starts a run, by fields or paths: `{ region: "emea", "lead.tags.0": "vip" }`. */
  readonly filter?: Readonly<Record<string, string | number | boolean | null>>;
  /** Of the clock: of slots that passed while nothing ran, only the `last` starts a run (default), `none` does, or `all` of a day do. */
  readonly catchUp?: CatchUp;
};

const FORMS =
  "on_demand, webhook:<source>_<name>, event:<type>, event:self:<type>, event:<operator>:<type>, context:<bucket>.<keys>, cron:<five fields> [time zone]";
const WEBHOOK = /^[a-z0-9][a-z0-9-]*_[a-z0-9][a-z0-9_-]*$/;

/** Says what is wrong with a trigger's form; `undefined` when nothing is. */
export function findTriggerFault(on: unknown): string | undefined {
  if (typeof on !== "string") return `a trigger is a text; allowed is ${FORMS}`;
  const colon = on.indexOf(":");
  const [kind, rest] = colon < 0 ? [on, undefined] : [on.slice(0, colon), on.slice(colon + 1)];
  if (kind === "on_demand" && rest === undefined) return undefined;
  const fault = rest === undefined ? undefined : findRestFault(kind, rest);
  return fault === "" ? undefined : `trigger ${JSON.stringify(on)}: ${fault ?? `allowed is ${FORMS}`}`;
}

/** Says what is wrong with a filter; `undefined` when nothing is. */
export function findFilterFault(filter: unknown, on: string): string | undefined {
  if (!on.startsWith("event:")) return "filter is for events; this trigger is none";
  const entries = isPlainObject(filter) ? Object.entries(filter) : [];
  const isValue = (value: unknown) => value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  if (entries.length === 0 || entries.length > 8 || entries.some(([, value]) => !isValue(value)))
    return "filter must be an object of 1 to 8 fields of the event's data, each with a text, a number, true, false or null";
  const odd = entries.find(([path]) => path.split(".").includes(""))?.[0];
  return odd === undefined
    ? undefined
    : `filter ${JSON.stringify(odd)} is no field: allowed are names, joined by dots where one lies in another`;
}

/** Says what is wrong with a catch-up; `undefined` when nothing is. */
export function findCatchUpFault(catchUp: unknown, on: string): string | undefined {
  if (!on.startsWith("cron:")) return "catchUp is for cron; this trigger is none";
  return ["last", "none", "all"].includes(catchUp as string)
    ? undefined
    : `catchUp ${shown(catchUp)} is none; allowed are last, none and all`;
}

/** `""` when all is well, `undefined` when there is no such kind. */
function findRestFault(kind: string, rest: string): string | undefined {
  switch (kind) {
    case "webhook":
      return WEBHOOK.test(rest) && rest.length <= 64
        ? ""
        : "a webhook is <source>_<name>, up to 64 of a-z, 0-9, - and _ (no _ in the source), such as webhook:hubspot_new_lead";
    case "event":
      return findEventFault(rest);
    case "context":
      return findContextTrigger(`context:${rest}`) === undefined
        ? "is a bucket by its full name, a dot, and a key in which * stands for any characters, such as context:context-leads.*.score"
        : "";
    case "cron":
      return findCronFault(rest) ?? "";
    default:
      return undefined;
  }
}

function findEventFault(rest: string): string {
  const colon = rest.indexOf(":");
  const [source, type] = colon < 0 ? [undefined, rest] : [rest.slice(0, colon), rest.slice(colon + 1)];
  if (source !== undefined && !isId(source))
    return `${JSON.stringify(source)} is no operator's id; allowed is "self" or an id of a-z, 0-9, _ and -`;
  if (!isEventType(type)) return `${JSON.stringify(type)} is no event type: up to four words of a-z, 0-9, _ and - joined by dots`;
  return "";
}
