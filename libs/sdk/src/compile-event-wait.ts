/** A wait for events: checked, as data, and its code. */
import {
  type EventWaitManifest,
  isOpenVibeError,
  isPlainObject,
  type JsonValue,
  parseDuration,
  parsePublishedType,
  type StepCode,
  type StepManifest,
} from "@openvibe/core";
import { checkOptions, definitionFault, shown } from "./definition-fault.ts";
import type { EventWaitSettings, StepDraft, WaitDraft } from "./draft.ts";
import { checkField, checkWhen } from "./load-checks.ts";
import type { StateSchema } from "./state-schema.ts";

const OPTIONS = ["event", "mode", "match", "timeout", "onTimeout", "output"];
const MAX_TYPES = 16;
const MAX_FIELDS = 8;

type EventWaitDraft = WaitDraft & { readonly time: EventWaitSettings };

export function isEventWait(draft: WaitDraft): draft is EventWaitDraft {
  return typeof draft.time === "object" && draft.time !== null && "event" in draft.time;
}

/** `compileArm` compiles the steps for a timeout. @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileEventWait(
  draft: EventWaitDraft,
  state: StateSchema,
  at: string,
  compileArm: (arm: readonly StepDraft[]) => StepManifest[],
): { manifest: StepManifest; code: StepCode } {
  const { name, time: options, options: further = {} } = draft;
  checkOptions(further, ["when"], at);
  checkWhen(further.when, at);
  checkOptions(options, OPTIONS, at);
  const types = checkTypes(options.event, at);
  const match = checkMatch(options.match, at);
  const { timeout } = options;
  if ("timedOut" in draft && timeout === undefined) throw definitionFault(at, "onTimeout needs a timeout");
  if ("timedOut" in draft && draft.timedOut === undefined)
    throw definitionFault(at, "onTimeout must be null, or a function that chains steps onto the one it is given and returns them");
  const event: EventWaitManifest = {
    types,
    needed: checkMode(options.mode, types.length, at),
    ...(match.length === 0 ? {} : { match: match.map(([field]) => field) }),
    ...(timeout === undefined ? {} : { timeout_ms: parseDuration(timeout, `${at}, timeout`) }),
    ...(draft.timedOut === undefined || draft.timedOut.length === 0 ? {} : { timed_out: compileArm(draft.timedOut) }),
    ...checkOutput(options.output, state, at),
  };
  return {
    manifest: { kind: "wait", id: name, event },
    code: {
      kind: "wait",
      // What is no JSON is the runtime's to refuse.
      match: async (given, ctx) => {
        const values = await Promise.all(match.map(async ([field, value]) => [field, await value(given, ctx)] as const));
        return Object.fromEntries(values) as Record<string, JsonValue>;
      },
    },
  };
}

function checkTypes(event: unknown, at: string): readonly string[] {
  const types: unknown[] = Array.isArray(event) ? event : [event];
  if (types.length === 0 || types.length > MAX_TYPES || new Set(types).size < types.length)
    throw definitionFault(at, `event must be a type, or 1 to ${MAX_TYPES} of them, each once`);
  return types.map((type) => {
    try {
      return parsePublishedType(type);
    } catch (error) {
      throw definitionFault(at, isOpenVibeError(error) ? error.message : `event ${shown(type)} is no event type`);
    }
  });
}

function checkMode(mode: unknown, count: number, at: string): number {
  if (mode === undefined || mode === "any") return 1;
  if (mode === "all") return count;
  if (typeof mode === "number" && Number.isInteger(mode) && mode >= 1 && mode <= count) return mode;
  throw definitionFault(at, `mode must be "any", "all", or a whole number from 1 to ${count}, the number of types`);
}

function checkMatch(match: EventWaitSettings["match"], at: string) {
  if (match === undefined) return [];
  const fields = isPlainObject(match) ? Object.entries(match) : [];
  if (fields.length === 0 || fields.length > MAX_FIELDS || fields.some(([, value]) => typeof value !== "function"))
    throw definitionFault(at, `match must be an object of 1 to ${MAX_FIELDS} functions of the state, by field of the event's data`);
  return fields;
}

function checkOutput(output: EventWaitSettings["output"], state: StateSchema, at: string): Pick<EventWaitManifest, "output" | "outputs"> {
  if (output === undefined) return {};
  if (typeof output === "string") {
    checkField(output, state, `${at}, output`);
    return { output };
  }
  const entries = isPlainObject(output) ? Object.entries(output) : [];
  if (entries.length === 0 || entries.some(([, from]) => typeof from !== "string" || from === ""))
    throw definitionFault(at, "output must be a field of the state, or an object: field of the state -> field of the event's data");
  for (const [field] of entries) checkField(field, state, `${at}, output`);
  return { outputs: output };
}
