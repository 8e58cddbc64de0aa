import type { LlmOptions } from "../step-options.ts";
import { toPrompt } from "./llm-prompt.ts";
import { readTarget, type Target } from "./llm-target.ts";
import { findStep, markStep } from "./marks.ts";
import type { MethodPatch, OnlyNames, StepFunction, WhenMethod } from "./method-types.ts";
import { checkGiven, checkMethod } from "./place-checks.ts";

/** Field -> what it holds, `{ fitScore: Number }`, or the fields alone. */
export type OutputKeys<K extends string> =
  | readonly K[]
  | { readonly [Name in K]?: StringConstructor | NumberConstructor | BooleanConstructor | ArrayConstructor | ObjectConstructor };

export interface LlmNodeOptions<K extends string> extends Omit<LlmOptions<object>, "system" | "user" | "when">, WhenMethod {
  /** The step's id; the method's name in snake_case by default. */
  readonly id?: string;
  /** `text` by default, `json` where there are `outputKeys`. */
  readonly outputFormat?: "text" | "json";
  /** The field that the answer goes into. Here the compiler checks it; in what the method returns it is checked at load. */
  readonly outputKey?: K;
  /** The fields that a JSON answer fills. */
  readonly outputKeys?: OutputKeys<K>;
  /** Code of your own for the answer, instead of keys. */
  readonly parse?: (reply: string, state: never) => MethodPatch<never>;
}

/** What an `@llmNode` method returns. */
export interface PromptObject {
  readonly system?: string | undefined;
  readonly user: string;
  readonly outputKey?: string;
  readonly outputKeys?: readonly string[] | { readonly [name: string]: unknown };
}

export type LlmNodeDecorator<K extends string> = <S extends object = never>(
  method: StepFunction<S, PromptObject> & OnlyNames<K, S>,
  context: ClassMethodDecoratorContext,
) => void;

/**
 * One question to a model, as `.llm` asks it: the method returns `{ system, user, outputKey }` or, for JSON into several fields, `outputKeys`. Where the
 * decorator's options do not say where the answer goes, the method is called once at load, with a state of defaults, to hear it.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function llmNode<const K extends string = never>(options: LlmNodeOptions<K>): LlmNodeDecorator<K> {
  checkGiven("@llmNode", options, '{ model: "haiku" }');
  const { id, outputFormat, outputKey, outputKeys, ...settings } = options as LlmNodeOptions<string>;
  return (method, context) => {
    checkMethod("@llmNode", method, context, findStep);
    markStep(method, {
      decorator: "@llmNode",
      id,
      arms: new Map(),
      toDraft(bound) {
        const target: Target | undefined =
          settings.parse === undefined ? readTarget({ outputFormat, outputKey, outputKeys }, bound) : undefined;
        return {
          kind: "llm",
          name: bound.id,
          options: { ...(settings as { model: string }), user: "", ...target },
          prompt: async (state, ctx) => toPrompt(await bound.run(state, ctx), target, bound.at),
        };
      },
    });
  };
}
