import { z } from "zod";
import type { LlmSettings } from "../../draft.ts";
import { meant } from "../field-uses.ts";
import type { Spot } from "../spots.ts";

import { TypeForm } from "../state-form.ts";
import { common, type DurationForm, type Into, type Kind, type NodeForm, Retries, type RetriesForm, WHEN, whenOf } from "./kind.ts";

/** As in `@openvibe/llm`, which this library may not know; a test keeps them equal. */
export const MODEL_ALIASES = ["haiku", "sonnet", "opus", "fast", "smart"] as const;

interface LlmForm extends NodeForm {
  readonly model: string;
  readonly system?: string;
  readonly prompt?: string;
  readonly prompt_file?: string;
  readonly output?: string;
  readonly outputs?: readonly string[] | Readonly<Record<string, TypeForm>>;
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly retries?: number | RetriesForm;
  readonly fallback?: readonly string[];
  readonly cache?: boolean;
  readonly when?: string;
  readonly timeout?: DurationForm;
}

/** One question to a model. */
export const llm: Kind = {
  form: () =>
    z.strictObject({
      ...common("llm", "One question to a model."),
      ...WHEN,
      model: z.string().describe(`An alias (${MODEL_ALIASES.join(", ")}), or a vendor's id.`),
      system: z.string().optional().describe("Who the model is; with {{field}} placeholders."),
      prompt: z.string().optional().describe("What it is asked; with {{field}} placeholders."),
      prompt_file: z.string().optional().describe("A Markdown file below this file's folder, in place of system and prompt."),
      output: z.string().optional().describe("The field that takes the text; the one named like the node by default."),
      outputs: z
        .union([z.array(z.string()).min(1), z.record(z.string(), TypeForm)])
        .optional()
        .describe("The fields that a JSON answer fills: names, or types by name where no state is declared."),
      max_tokens: z.int().optional().describe("The longest answer; 4096 by default."),
      temperature: z.number().optional().describe("0 to 2."),
      retries: Retries.optional().describe("Attempts after the first one, or more about it; 2 by default."),
      fallback: z
        .array(z.string())
        .min(1)
        .optional()
        .describe("Models that are asked, in this order, when the one before cannot or will not answer."),
      cache: z.boolean().optional().describe("The vendor keeps the system prompt for the next calls, where it can."),
    }),
  draft(node, into) {
    const form = node as LlmForm;
    const { max_tokens: maxTokens, temperature, retries, timeout, model, fallback, cache } = form;
    checkModel(model, into.spot("model"));
    for (const [index, name] of (fallback ?? []).entries()) checkModel(name, into.spot("fallback", index));
    const options: LlmSettings = {
      model,
      ...promptOf(form, into),
      ...outputOf(form, into),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(retries === undefined ? {} : { retries }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(fallback === undefined ? {} : { fallback }),
      ...(cache === undefined ? {} : { cache }),
      ...whenOf(form, into),
    };
    return { kind: "llm", name: form.id, options };
  },
};

/** Every vendor's ids hold a digit or one of `-.:/`; a bare word that is no alias is a misspelt one. */
function checkModel(model: string, spot: Spot): void {
  const aliases: readonly string[] = MODEL_ALIASES;
  if (aliases.includes(model) || /[\d\-.:/]/.test(model)) return;
  throw spot.fault(
    `there is no model ${JSON.stringify(model)}: ${meant(model, aliases)} (aliases are ${aliases.join(", ")}; any other is a vendor's id)`,
  );
}

function promptOf({ system, prompt, prompt_file: file }: LlmForm, into: Into): Pick<LlmSettings, "system" | "user"> {
  if (file !== undefined) {
    if (prompt !== undefined || system !== undefined)
      throw into
        .spot("prompt_file")
        .fault("give prompt_file, or prompt and system; not both (in the file, # System begins the system's part)");
    const { system: before, user } = into.prompt(into.promptFile());
    return { ...(before === undefined ? {} : { system: before.render }), user: user.render };
  }
  if (prompt === undefined) throw into.spot().fault("an llm node needs its question: prompt, or prompt_file");
  const question = into.template(prompt, "prompt");
  return { ...(system === undefined ? {} : { system: into.template(system, "system").render }), user: question.render };
}

function outputOf({ id, output, outputs }: LlmForm, into: Into): Pick<LlmSettings, "output" | "outputs"> {
  if (output !== undefined && outputs !== undefined)
    throw into.spot("outputs").fault("give output (the text, into one field) or outputs (JSON, into several); not both");
  if (outputs === undefined) {
    const field = output ?? id;
    into.uses.write(field, "string", into.spot(...(output === undefined ? ["id"] : ["output"])));
    return { output: field };
  }
  if (into.declared && !Array.isArray(outputs))
    throw into.spot("outputs").fault("the state declares the types: outputs is a list of its fields here");
  if (!into.declared && Array.isArray(outputs))
    throw into.spot("outputs").fault("outputs needs types where no state is declared, such as { score: integer }; or declare a state");
  const typed = Array.isArray(outputs)
    ? outputs.map((name) => [name, undefined] as const)
    : Object.entries(outputs as Readonly<Record<string, TypeForm>>);
  for (const [index, [name, type]] of typed.entries())
    into.uses.write(name, type, into.spot("outputs", Array.isArray(outputs) ? index : name));
  return { outputs: typed.map(([name]) => name) };
}
