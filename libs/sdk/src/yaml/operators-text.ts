import { isPlainObject, type JsonObject, type OperatorDefinition } from "@openvibe/core";
import { checkForm } from "./check-form.ts";
import type { OperatorForm } from "./form.ts";
import { handlerKey } from "./handlers.ts";
import { inlinePrompts } from "./inline.ts";
import { type OperatorParts, OperatorReader } from "./operator-reader.ts";
import { refuseTwice } from "./refuse-twice.ts";
import { type Path, valueAt, type YamlSource } from "./source.ts";
import type { Spot } from "./spots.ts";

/** Operators of one text, their form checked. */
export interface OperatorsText {
  readonly source: YamlSource;
  readonly operators: readonly OperatorForm[];
  /** Prompt files that nodes name, and where. */
  readonly promptFiles: readonly { readonly file: string; readonly spot: Spot }[];
  /** Every node, the nested ones included, by the key of its handler. */
  readonly nodeKeys: ReadonlySet<string>;
  /** Each operator by itself with its prompts in it, as `POST /v1/operators` takes it. */
  documents(prompts: OperatorParts["prompts"]): readonly JsonObject[];
  /** Checks all of it, and gives what the value spelling would. @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column */
  compile(parts: OperatorParts): readonly OperatorDefinition[];
}

/** @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column */
export function readOperators(source: YamlSource): OperatorsText {
  const { operators } = checkForm(source);
  refuseTwice(operators, ["operators"], "operator", source);
  return {
    source,
    operators,
    nodeKeys: new Set(operators.flatMap(nodeKeysOf)),
    promptFiles: promptFilesIn(source.value, []).map((path) => ({ file: String(valueAt(source.value, path)), spot: source.spot(path) })),
    documents: (prompts) => operators.map((form) => inlinePrompts(form, prompts)),
    compile: (parts) => operators.map((form, index) => new OperatorReader(form, ["operators", index], source, parts).read()),
  };
}

function nodeKeysOf({ id, workflows }: OperatorForm): readonly string[] {
  return workflows.flatMap((workflow) => nodeIdsIn(workflow.nodes).map((node) => handlerKey(id, workflow.id, node)));
}

function nodeIdsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(nodeIdsIn);
  if (!isPlainObject(value)) return [];
  const own = typeof value.id === "string" && typeof value.type === "string" ? [value.id] : [];
  return [...own, ...Object.values(value).flatMap(nodeIdsIn)];
}

function promptFilesIn(value: unknown, path: Path): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return key === "prompt_file" && typeof inner === "string" ? [at] : promptFilesIn(inner, at);
  });
}
