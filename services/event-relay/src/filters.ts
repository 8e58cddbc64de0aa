import type { EventFilter } from "@openvibe/bus";
import {
  EVENT_TYPE_PATTERN,
  ID_PATTERN,
  isId,
  type OpenVibeEvent,
  type OperatorId,
  OWN_EVENT_TYPES,
  OWN_EVENT_WORDS,
  parseEventPattern,
  type RunId,
  toTypeMatcher,
} from "@openvibe/core";
import { type Parameter, parameterInvalid } from "@openvibe/http";

/** Which events a stream carries; none given = all. */
export interface StreamFilter {
  readonly operatorId?: OperatorId;
  /** What the client's key is for: events of others, and those that are no operator's, are not his. */
  readonly operators?: ReadonlySet<OperatorId>;
  readonly runId?: RunId;
  /** Of shared context: only its changes. */
  readonly bucket?: string;
  /** Any of them: exact types, or prefixes such as `run.*`. */
  readonly types?: readonly string[];
}

/** What filters look at of an event. */
export type Filterable = Pick<OpenVibeEvent, "type" | "operatorId" | "runId"> & { readonly bucket: string | null };

const MAX_TYPES = 50;
const OWN_PATTERNS = [...OWN_EVENT_TYPES, ...new Set(OWN_EVENT_TYPES.map((type) => `${type.split(".")[0]}.*`))];
const BUCKET_PATTERN = "^context-[a-z0-9][a-z0-9_-]{0,54}$";
const BUCKET_TYPES = ["context.updated", "context.deleted"];
const BUCKET = new RegExp(BUCKET_PATTERN);

/** `types=lead.qualified&types=run.*` */
export const typesParameter: Parameter<readonly string[] | undefined> = {
  description: "Only these types; repeat it for several. Exact (`lead.qualified`), all that begin with a word (`run.*`), or `*`.",
  schema: {
    type: "string",
    pattern: `^(\\*|${EVENT_TYPE_PATTERN.slice(1, -1)}(\\.\\*)?)$`,
    not: { allOf: [{ pattern: `^(${OWN_EVENT_WORDS.join("|")})(\\.|$)` }, { not: { enum: OWN_PATTERNS } }] },
  },
  many: MAX_TYPES,
  read(given, name) {
    if (given.length > MAX_TYPES) throw parameterInvalid(name, `is given ${given.length} times; allowed are ${MAX_TYPES}`);
    const types = new Set(given.map((type) => parseEventPattern(type, (detail) => parameterInvalid(name, `is wrong: ${detail}`))));
    return types.size === 0 || types.has("*") ? undefined : [...types];
  },
};

/** `bucket=context-leads` */
export const bucketParameter: Parameter<string | undefined> = {
  description: "Only changes of shared context in this bucket, by its full name (`context-leads`).",
  schema: { type: "string", pattern: BUCKET_PATTERN },
  read([text], name) {
    if (text === undefined || BUCKET.test(text)) return text;
    throw parameterInvalid(name, `is ${JSON.stringify(text.slice(0, 80))}; allowed is the full name of a bucket, such as "context-leads"`);
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
export function toLogFilter({ operatorId: asked, operators, runId, bucket, types: wanted }: StreamFilter): EventFilter {
  const types = wanted ?? (bucket === undefined ? undefined : BUCKET_TYPES);
  const operatorId = asked ?? (operators?.size === 1 ? [...operators][0] : undefined);
  return {
    ...(operatorId === undefined ? {} : { operatorId }),
    ...(runId === undefined ? {} : { runId }),
    ...(types === undefined || types.some(isPrefix) ? {} : { types }),
  };
}

export function toMatcher({ operatorId, operators, runId, bucket, types }: StreamFilter): (event: Filterable) => boolean {
  const isWanted = types === undefined ? undefined : toTypeMatcher(types);
  return (event) =>
    (operatorId === undefined || event.operatorId === operatorId) &&
    (operators === undefined || (event.operatorId !== null && operators.has(event.operatorId))) &&
    (runId === undefined || event.runId === runId) &&
    (bucket === undefined || event.bucket === bucket) &&
    (isWanted === undefined || isWanted(event.type));
}

/** The bucket whose change an event tells. */
export function bucketOf({ type, data }: Pick<OpenVibeEvent, "type" | "data">): string | null {
  return type.startsWith("context.") && typeof data.bucket === "string" ? data.bucket : null;
}

function isPrefix(type: string): boolean {
  return type.endsWith(".*");
}
