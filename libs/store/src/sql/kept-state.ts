/** Most states begin with what the run was given, often the largest part: it stands in the row's `input` and is not written again with each step. */
import type { JsonObject, JsonValue, State } from "@openvibe/core";

/** The state, or the names of its first fields, which are the input's own, and the others. */
export type KeptState = State | readonly [sameAsInput: readonly string[], others: State];

/** Only fields at the front, so that all keep their order. */
export function toKept(state: State, input: JsonObject | undefined): KeptState {
  if (input === undefined) return state;
  const fields = Object.entries(state);
  const changed = fields.findIndex(([name, value]) => !Object.hasOwn(input, name) || !Object.is(value, input[name]));
  const same = changed === -1 ? fields.length : changed;
  return same === 0 ? state : [fields.slice(0, same).map(([name]) => name), Object.fromEntries(fields.slice(same))];
}

export function fromKept(kept: KeptState, input: JsonObject): State {
  if (!isShort(kept)) return kept;
  const [sameAsInput, others] = kept;
  return Object.fromEntries([...sameAsInput.map((name) => [name, input[name] as JsonValue] as const), ...Object.entries(others)]);
}

function isShort(kept: KeptState): kept is Extract<KeptState, readonly unknown[]> {
  return Array.isArray(kept);
}
