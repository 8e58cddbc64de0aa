import {
  findJsonFault,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  messageOf,
  nearestName,
  OpenVibeError,
  type ProblemCode,
  type ProblemDetail,
  pointerToken,
  type State,
  type WorkflowCode,
} from "@openvibe/core";
import { copyJson } from "./json-copy.ts";
import type { StateField, StateSchema } from "./state-schema.ts";
import { describeDetails, toDetails } from "./zod-details.ts";

/** Makes `openState`: input over defaults. Nothing in a state that it gives is shared with another run. */
export function createOpenState({ fields, whole }: StateSchema, at: string): WorkflowCode["openState"] {
  const scalars: Record<string, JsonValue> = {};
  const composed: (readonly [name: string, initial: JsonValue])[] = [];
  for (const { name, initial } of fields.values()) {
    if (typeof initial === "object" && initial !== null) composed.push([name, initial]);
    // A slot for each field, in the schema's order, even where a composed default follows.
    if (initial !== undefined) scalars[name] = initial;
  }
  return (input) => {
    if (!isPlainObject(input)) throw invalid("OV_INPUT_INVALID", `${at}: the input`, [{ pointer: "", detail: "must be a JSON object" }]);
    const state = { ...scalars };
    for (const [name, initial] of composed) state[name] = copyJson(initial);
    const given: Record<string, JsonValue> = {};
    const ignoredInput: string[] = [];
    const faults: ProblemDetail[] = [];
    for (const name of Object.keys(input)) {
      const field = fields.get(name);
      const value = input[name];
      if (field === undefined) ignoredInput.push(name);
      else if (value !== undefined) take(field, value, given, faults);
    }
    if (faults.length === 0 && whole !== undefined) faults.push(...findFaults(whole, given));
    if (faults.length > 0) throw invalid("OV_INPUT_INVALID", `${at}: the input`, faults);
    return { state: Object.assign(state, given), ignoredInput };
  };
}

/** Makes `checkPatch`: only known fields, only plain JSON, each by its schema; gives a copy that shares nothing with what the step holds. */
export function createCheckPatch({ fields }: StateSchema, at: string): WorkflowCode["checkPatch"] {
  return (patch, nodeId): State => {
    const what = `${at}, step ${nodeId}: what it returned`;
    if (!isPlainObject(patch)) throw invalid("OV_PATCH_INVALID", what, [{ pointer: "", detail: "must be an object of state fields" }]);
    const checked: Record<string, JsonValue> = {};
    const faults: ProblemDetail[] = [];
    for (const name of Object.keys(patch)) {
      const field = fields.get(name);
      const value = patch[name];
      if (field === undefined) faults.push({ pointer: `/${pointerToken(name)}`, detail: describeUnknown(name, fields) });
      else if (value !== undefined) take(field, value, checked, faults);
    }
    if (faults.length > 0) throw invalid("OV_PATCH_INVALID", what, faults);
    return checked;
  };
}

function take(field: StateField, value: unknown, into: Record<string, JsonValue>, faults: ProblemDetail[]): void {
  const pointer = `/${pointerToken(field.name)}`;
  const fault = findJsonFault(value, pointer);
  if (fault !== undefined) {
    faults.push({ pointer: fault.pointer, detail: fault.detail });
    return;
  }
  // Copied before, as a property that is undefined counts as not given, and after, as zod shares the defaults inside a value.
  const found = parseValue(field.schema, copyJson(value), pointer);
  if (found.faults.length === 0) into[field.name] = copyJson(found.value);
  else faults.push(...found.faults);
}

function findFaults(schema: StateField["schema"], value: JsonObject): readonly ProblemDetail[] {
  return parseValue(schema, value, "").faults;
}

const NONE: readonly ProblemDetail[] = [];

/** A schema's own checks are the author's code: what they throw is a fault of the value, never a crash. */
function parseValue(schema: StateField["schema"], value: unknown, pointer: string): { value: unknown; faults: readonly ProblemDetail[] } {
  try {
    const result = schema.safeParse(value);
    return result.success ? { value: result.data, faults: NONE } : { value, faults: toDetails(result.error.issues, pointer) };
  } catch (cause) {
    return { value, faults: [{ pointer, detail: `cannot be checked: ${messageOf(cause)}` }] };
  }
}

function describeUnknown(name: string, fields: StateSchema["fields"]): string {
  const near = nearestName(name, fields.keys());
  return `is not a field of the state${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

function invalid(code: ProblemCode, what: string, errors: readonly ProblemDetail[]): OpenVibeError {
  return new OpenVibeError(code, `${what} does not fit: ${describeDetails(errors)}`, { errors });
}
