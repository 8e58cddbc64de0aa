import type { EventFilter } from "@openvibe/bus";
import {
  EVENT_TYPE_PATTERN,
  ID_PATTERN,
  isEventType,
  isId,
  LIVE_EVENT_TYPES,
  type OperatorId,
  type RunId,
  toTypeMatcher,
} from "@openvibe/core";
import { type Parameter, parameterInvalid } from "@openvibe/http";
import type { RingEntry } from "./ring-entry.ts";

/** Which events a stream carries; none given = all. */
export interface StreamFilter {
  readonly operatorId?: OperatorId;
  /** What the client's key is for: events of others, and those that are no operator's, are not his. */
  readonly operators?: ReadonlySet<OperatorId>;
  readonly runId?: RunId;
  /** Any of them: exact types, or prefixes such as `run.*`. */
  readonly types?: readonly string[];
}

const MAX_TYPES = 50;

/** `types=lead.qualified&types=run.*` */
export const typesParameter: Parameter<readonly string[] | undefined> = {
  description: "Only these types; repeat it for several. Exact (`lead.qualified`) or all that begin with a word (`run.*`).",
  schema: { type: "string", pattern: EVENT_TYPE_PATTERN.replace("$", "(\\.\\*)?$"), not: { enum: [...LIVE_EVENT_TYPES] } },
  many: MAX_TYPES,
  read(given, name) {
    if (given.length > MAX_TYPES) throw parameterInvalid(name, `is given ${given.length} times; allowed are ${MAX_TYPES}`);
    for (const type of given) {
      if (LIVE_EVENT_TYPES.has(type)) {
        throw parameterInvalid(name, `is "${type}", which is told live only: read /v1/operators/{operator_id}/runs/{run_id}/stream for it`);
      }
      if (!isEventType(type.endsWith(".*") ? type.slice(0, -2) : type)) {
        throw parameterInvalid(
          name,
          `is ${JSON.stringify(type.slice(0, 80))}; allowed is an event type such as "lead.qualified" or a prefix such as "run.*"`,
        );
      }
    }
    return given.length === 0 ? undefined : [...new Set(given)];
  },
};

export function idParameter(what: string): Parameter<string | undefined> {
  return {
    description: `Only events of this ${what}.`,
    schema: { type: "string", pattern: ID_PATTERN },
    read([text], name) {
      const shown = JSON.stringify(text?.slice(0, 80));
      if (text === undefined || isId(text)) return text;
      throw parameterInvalid(name, `is ${shown}; allowed is the id of a ${what}: 1 to 64 of a-z, 0-9, _ and -`);
    },
  };
}

/** What the log itself can filter by: it knows no prefixes and one operator at most, the rest is left to `toMatcher`. */
export function toLogFilter({ operatorId: asked, operators, runId, types }: StreamFilter): EventFilter {
  const operatorId = asked ?? (operators?.size === 1 ? [...operators][0] : undefined);
  return {
    ...(operatorId === undefined ? {} : { operatorId }),
    ...(runId === undefined ? {} : { runId }),
    ...(types === undefined || types.some(isPrefix) ? {} : { types }),
  };
}

export function toMatcher({
  operatorId,
  operators,
  runId,
  types,
}: StreamFilter): (event: Pick<RingEntry, "type" | "operatorId" | "runId">) => boolean {
  const isWanted = types === undefined ? undefined : toTypeMatcher(types);
  return (event) =>
    (operatorId === undefined || event.operatorId === operatorId) &&
    (operators === undefined || (event.operatorId !== null && operators.has(event.operatorId))) &&
    (runId === undefined || event.runId === runId) &&
    (isWanted === undefined || isWanted(event.type));
}

function isPrefix(type: string): boolean {
  return type.endsWith(".*");
}
