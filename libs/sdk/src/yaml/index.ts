/** Operators in YAML. An entry of its own: `import "openvibe"` loads neither this, nor yaml, nor zod. */
import { type OperatorsText, readOperators } from "./operators-text.ts";
import { fillEnvironment } from "./environment.ts";
import { readYaml } from "./source.ts";

export type { OperatorParts } from "./operator-reader.ts";
export type { OperatorsText } from "./operators-text.ts";
export { toEditorSchema } from "./editor-schema.ts";
export { type HandlerTable, handlerKey, toHandlerTable } from "./handlers.ts";
export { MODEL_ALIASES } from "./kinds/llm.ts";
export { compilePosted, type PostedOperator, readPosted } from "./posted.ts";
export type { PromptText } from "./prompt.ts";
export type { Spot } from "./spots.ts";

export interface ReadOptions {
  /** As messages name the text. */
  readonly name: string;
  /** What `${NAME}` stands for. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads a file of operators. Prompts and handlers are given when it is compiled. @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column */
export function readOperatorsYaml(text: string, { name, env }: ReadOptions): OperatorsText {
  return readOperators(fillEnvironment(readYaml(text, name), env));
}
