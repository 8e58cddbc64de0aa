import { parseRfc3339, RUN_STATUSES, type RunStatus } from "@openvibe/core";
import { choiceParameter, intParameter, type Parameter, parameterInvalid, textParameter } from "@openvibe/http";

const ID = { pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/, what: "an id of 1 to 64 of a-z, 0-9, _ and -" };
const MAX_LIMIT = 200;
const MAX_TAGS = 8;
const MAX_VALUE = 999_999_999_999_999;

export const OPERATOR = textParameter({ ...ID, description: "Only runs of this operator." });
export const WORKFLOW = textParameter({ ...ID, description: "Only runs of this workflow." });
export const TRIGGER = textParameter({
  pattern: /^[A-Za-z0-9_.:-]{1,200}$/,
  what: "the trigger of a run, as its body shows it",
  description: "Only runs with this trigger.",
});
export const PARENT = textParameter({ ...ID, description: "Only runs that this run began." });

/** One value more than wanted is clamped (AIP-158): a caller who asks for all gets as many as there are on a page. */
export const LIMIT: Parameter<number> = {
  description: `How many on a page; more than ${MAX_LIMIT} is taken as ${MAX_LIMIT}.`,
  schema: { type: "integer", minimum: 1, maximum: MAX_VALUE, default: 50 },
  read(given, name) {
    const asked = intParameter({ min: 1, max: MAX_VALUE, fallback: 50, description: "" }).read(given, name);
    return Math.min(asked, MAX_LIMIT);
  },
};

const oneStatus = choiceParameter(RUN_STATUSES, "Only runs with this status; repeat it for one of several.");

export const STATUS: Parameter<readonly RunStatus[] | undefined> = {
  ...oneStatus,
  many: true,
  read(given, name) {
    const statuses = given.flatMap((text) => oneStatus.read([text], name) ?? []);
    return statuses.length === 0 ? undefined : [...new Set(statuses)].sort();
  },
};

/** `name:text`; the text may hold colons, the name not. */
export const TAG: Parameter<readonly (readonly [string, string])[]> = {
  description: `Only runs with this tag, as name:text; repeat it (at most ${MAX_TAGS} times) for runs that have all of them.`,
  schema: { type: "string", pattern: "^[^:\\x00-\\x1f\\x7f-\\x9f]{1,64}:[^\\x00-\\x1f\\x7f-\\x9f]*$", maxLength: 400 },
  many: MAX_TAGS,
  read(given, name) {
    if (given.length > MAX_TAGS) throw parameterInvalid(name, `is given ${given.length} times; allowed are ${MAX_TAGS}`);
    return given.map((tag) => {
      const colon = tag.indexOf(":");
      // Control characters and lone surrogates stand in no tag, and some databases refuse to compare with them.
      if (colon >= 1 && colon <= 64 && tag.length <= 400 && !/\p{Cc}/u.test(tag) && tag.isWellFormed())
        return [tag.slice(0, colon), tag.slice(colon + 1)] as const;
      throw parameterInvalid(name, `is ${JSON.stringify(tag.slice(0, 80))}; allowed is name:text, such as team:sales`);
    });
  },
};

export const CREATED_AFTER = timeParameter("Only runs accepted at this time (RFC 3339) or later.");
export const CREATED_BEFORE = timeParameter("Only runs accepted before this time (RFC 3339).");

/** Milliseconds since 1970. */
function timeParameter(description: string): Parameter<number | undefined> {
  return {
    description,
    schema: { type: "string", format: "date-time" },
    read([text], name) {
      if (text === undefined) return undefined;
      const ms = parseRfc3339(text);
      if (ms !== undefined) return ms;
      const hint = /\d \d\d:\d\d$/.test(text) ? " (a + is written %2B in an address)" : "";
      throw parameterInvalid(
        name,
        `is ${JSON.stringify(text.slice(0, 80))}; allowed is a time with its offset, such as 2026-11-22T10:30:00Z${hint}`,
      );
    },
  };
}
