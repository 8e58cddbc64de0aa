/** Where an `@llmNode`'s answer goes: said in its options, or by its method. */
import { isPlainObject, messageOf } from "@openvibe/core";
import { checkOptions, definitionFault } from "../definition-fault.ts";
import { loadContext } from "./load-context.ts";
import type { StepMethod } from "./marks.ts";

/** As `.llm` takes it. */
export type Target = { readonly output: string } | { readonly outputs: readonly string[] };

interface Keys {
  readonly outputKey?: unknown;
  readonly outputKeys?: unknown;
}

export const PROMPT_KEYS = ["system", "user", "outputKey", "outputKeys"];

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function readTarget({ outputFormat, ...keys }: Keys & { readonly outputFormat?: unknown }, method: StepMethod): Target {
  const { at } = method;
  if (outputFormat !== undefined && outputFormat !== "text" && outputFormat !== "json")
    throw definitionFault(at, 'outputFormat is "text" or "json"');
  const said = keys.outputKey === undefined && keys.outputKeys === undefined ? askMethod(method) : keys;
  const target = toTarget(said, at);
  if ("outputs" in target && outputFormat === "text")
    throw definitionFault(at, 'outputFormat "text" fills one field: give outputKey, or leave outputFormat out for JSON into outputKeys');
  if ("outputs" in target) checkTypes(said.outputKeys, method);
  return "output" in target && outputFormat === "json" ? { outputs: [target.output] } : target;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID for both of the keys, and for none */
export function toTarget({ outputKey, outputKeys }: Keys, at: string): Target {
  if ((outputKey === undefined) === (outputKeys === undefined))
    throw definitionFault(
      at,
      `gives ${outputKey === undefined ? "neither outputKey nor" : "both outputKey and"} outputKeys; exactly one is allowed`,
    );
  if (typeof outputKey === "string") return { output: outputKey };
  if (Array.isArray(outputKeys)) return { outputs: outputKeys as readonly string[] };
  if (isPlainObject(outputKeys)) return { outputs: Object.keys(outputKeys) };
  throw definitionFault(at, "outputKey is the name of a field; outputKeys is a list of names, or an object such as { fitScore: Number }");
}

/** The prompt of defaults only is made to hear the keys in it, and thrown away. */
function askMethod({ run, openState, at }: StepMethod): Keys {
  const instead = "say it in the decorator instead: @llmNode({ model, outputKey })";
  let prompt: unknown;
  try {
    prompt = run(openState(), loadContext(instead));
  } catch (cause) {
    throw definitionFault(
      at,
      `it could not be asked at load, with the state's defaults, where its answer goes (${messageOf(cause)}); ${instead}`,
      cause,
    );
  }
  if (prompt instanceof Promise) {
    prompt.catch(() => {}); // it is not waited for, so nobody else hears of it
    throw definitionFault(at, `it is async, so at load nobody can wait to hear where its answer goes; ${instead}`);
  }
  if (!isPlainObject(prompt)) throw definitionFault(at, "must return { system, user, outputKey } or { system, user, outputKeys }");
  checkOptions(prompt, PROMPT_KEYS, `${at}, what it returned`);
  return prompt;
}

const TYPES = new Map<unknown, string>([
  [String, "string"],
  [Number, "number"],
  [Boolean, "boolean"],
  [Array, "array"],
  [Object, "object"],
]);

/** `{ fitScore: Number }` says what the state's field says already; it must not say something else. */
function checkTypes(outputKeys: unknown, { openState, at }: StepMethod): void {
  if (!isPlainObject(outputKeys)) return;
  const state = openState();
  for (const [name, type] of Object.entries(outputKeys)) {
    const said = TYPES.get(type);
    if (said === undefined)
      throw definitionFault(
        `${at}, outputKeys`,
        `the type of ${JSON.stringify(name)} is none; allowed are String, Number, Boolean, Array, Object`,
      );
    const value = (state as Readonly<Record<string, unknown>>)[name];
    const kept = Array.isArray(value) ? "array" : typeof value;
    if (value !== undefined && value !== null && kept !== said)
      throw definitionFault(`${at}, outputKeys`, `the field ${JSON.stringify(name)} of the state holds ${kept}, not ${said}`);
  }
}
