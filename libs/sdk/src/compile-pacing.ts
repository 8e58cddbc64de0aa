import { type Duration, isPlainObject, MAX_BATCH, MAX_REQUEST_RATE, PACINGS, type Pacing, parseDuration } from "@openvibe/core";
import { checkOptions, definitionFault, shown } from "./definition-fault.ts";
import type { TriggerSettings } from "./draft.ts";

type Settings = Pick<TriggerSettings, (typeof PACINGS)[number]>;

/** Events are known for eight days, and starts are counted among them. */
const MAX_SPAN_MS = 7 * 86_400_000;
const MAX_LIMIT = 100_000;
const KEY_PATTERN = /^[^.\s]+(\.[^.\s]+){0,15}$/;

/** How often a trigger starts runs, as data. @throws OpenVibeError OV_DEFINITION_INVALID */
export function compilePacing(settings: Settings, on: string, at: string): Pacing {
  const given = PACINGS.filter((name) => settings[name] !== undefined);
  const [name, second] = given;
  if (name === undefined) return {};
  if (second !== undefined)
    throw definitionFault(at, `${name} and ${second} do not go together; a trigger has one of ${PACINGS.join(", ")}`);
  const isRequest = on === "on_demand" || on.startsWith("webhook:");
  if (!/^(event|context):/.test(on) && !(isRequest && name === "rate"))
    throw definitionFault(
      at,
      `${name} is for events and changes of context${isRequest ? ", of requests there is rate" : ""}; this trigger is neither`,
    );
  const place = `${at}, ${name}`;
  const value = settings[name];
  switch (name) {
    case "debounce": {
      const { wait, max, ...rest } = optionsOf(value, ["wait", "max", "key"], place);
      const wait_ms = span(wait, `${place}, wait`);
      if (max === undefined) return { debounce: { wait_ms, ...keyOf(rest, place) } };
      const max_ms = span(max, `${place}, max`);
      if (max_ms < wait_ms) throw definitionFault(place, "max is shorter than wait; it is the longest that the first event waits");
      return { debounce: { wait_ms, max_ms, ...keyOf(rest, place) } };
    }
    case "batch": {
      const { size, wait, ...rest } = optionsOf(value, ["size", "wait", "key"], place);
      return { batch: { size: count(size, 2, MAX_BATCH, `${place}, size`), wait_ms: span(wait, `${place}, wait`), ...keyOf(rest, place) } };
    }
    case "rate": {
      const { limit, per, ...rest } = optionsOf(value, ["limit", "per", "key"], place);
      return {
        rate: {
          limit: count(limit, 1, isRequest ? MAX_REQUEST_RATE : MAX_LIMIT, `${place}, limit`),
          per_ms: span(per, `${place}, per`),
          ...keyOf(rest, place),
        },
      };
    }
    case "singleton": {
      const { mode, ...rest } = optionsOf(isPlainObject(value) ? value : { mode: value }, ["mode", "key"], place);
      if (mode !== "skip" && mode !== "cancel") throw definitionFault(place, `${shown(mode)} is no mode; allowed are skip and cancel`);
      return { singleton: { mode, ...keyOf(rest, place) } };
    }
    case "concurrency": {
      const { limit, ...rest } = optionsOf(isPlainObject(value) ? value : { limit: value }, ["limit", "key"], place);
      return { concurrency: { limit: count(limit, 1, MAX_LIMIT, `${place}, limit`), ...keyOf(rest, place) } };
    }
    default:
      return name satisfies never;
  }
}

function optionsOf(value: unknown, allowed: readonly string[], at: string): Readonly<Record<string, unknown>> {
  checkOptions(value, allowed, at);
  return value as Readonly<Record<string, unknown>>;
}

/** A path and no code: where events are heard there may be no code of the operator. */
function keyOf({ key }: Readonly<Record<string, unknown>>, at: string): { readonly key?: string } {
  if (key === undefined) return {};
  if (typeof key === "string" && key.length <= 256 && KEY_PATTERN.test(key)) return { key };
  throw definitionFault(at, 'key is a path into the event\'s data, names joined by dots, such as "lead.id"');
}

function span(value: unknown, at: string): number {
  const ms = Math.ceil(parseDuration(value as Duration, at));
  if (ms > MAX_SPAN_MS) throw definitionFault(at, "is longer than 7d; events are not held for longer");
  return ms;
}

function count(value: unknown, least: number, most: number, at: string): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw definitionFault(
    at,
    `${typeof value === "number" ? value : shown(value)} is none; allowed is a whole number from ${least} to ${most}`,
  );
}
