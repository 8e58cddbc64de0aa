import { isPlainObject, type JsonObject, type JsonValue } from "@openvibe/core";
import type { OperatorForm } from "./form.ts";
import { type PromptText, splitPrompt } from "./prompt.ts";

/** The operator with its prompts in it, as `POST /v1/operators` takes it. @throws OpenVibeError OV_DEFINITION_INVALID for a prompt without its question */
export function inlinePrompts(operator: OperatorForm, prompts: ReadonlyMap<string, PromptText>): JsonObject {
  return inline(operator as unknown as JsonValue, prompts) as JsonObject;
}

function inline(value: JsonValue, prompts: ReadonlyMap<string, PromptText>): JsonValue {
  if (Array.isArray(value)) return value.map((each) => inline(each, prompts));
  if (!isPlainObject(value)) return value;
  const { prompt_file: file, ...rest } = value as JsonObject;
  const inlined = Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, inline(each, prompts)]));
  const prompt = typeof file === "string" ? prompts.get(file) : undefined;
  if (prompt === undefined) return file === undefined ? inlined : { ...inlined, prompt_file: file };
  const { system, user } = splitPrompt(prompt);
  return { ...inlined, ...(system === undefined ? {} : { system: system.text }), prompt: user.text };
}
