import { type NodeContext, OpenVibeError, type State } from "@openvibe/core";
import type { HumanDraft, StepDraft } from "../draft.ts";
import type { HumanOptions } from "../steps.ts";
import { type ArmMark, findStep, markStep, type StepMethod } from "./marks.ts";
import type { OnlyNames, StepFunction, WhenMethod } from "./method-types.ts";
import { checkGiven, checkMethod } from "./place-checks.ts";

export interface HumanMethodOptions<K extends string>
  extends Omit<HumanOptions<Record<string, unknown>, string>, "prompt" | "answer" | "onTimeout" | "when">,
    WhenMethod {
  /** The step's id; the method's name in snake_case by default. */
  readonly id?: string;
  /** What people are asked, unless the method returns a text. */
  readonly prompt?: string;
  /** The state fields that an answer gives, all of them required. */
  readonly answer: readonly K[];
  /** When the time is over: methods right behind this one, in their order; `[]` goes straight on. */
  readonly onTimeout?: readonly string[];
}

export type HumanDecorator<K extends string> = <S extends object = never>(
  method: StepFunction<S, string | void> & OnlyNames<K, S>,
  context: ClassMethodDecoratorContext,
) => void;

const TIMED_OUT = "onTimeout";

/**
 * Asks people and waits for their answer, as `.human` does. The method may return the prompt, where it follows from the state.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function humanInTheLoop<const K extends string>(options: HumanMethodOptions<K>): HumanDecorator<K> {
  checkGiven("@humanInTheLoop", options, '{ prompt: "Shall we?", answer: ["approved"] }');
  const { id, prompt, onTimeout, ...settings } = options as HumanMethodOptions<string>;
  return (method, context) => {
    checkMethod("@humanInTheLoop", method, context, findStep);
    const arm: [string, ArmMark][] = onTimeout === undefined ? [] : [[TIMED_OUT, { methods: onTimeout, named: true }]];
    markStep(method, {
      decorator: "@humanInTheLoop",
      id,
      arms: new Map(arm),
      toDraft: (bound, arms): StepDraft => {
        const timedOut = arms.get(TIMED_OUT);
        return {
          kind: "human",
          name: bound.id,
          options: { ...(settings as HumanDraft["options"]), prompt: toQuestion(bound, prompt) },
          ...(timedOut === undefined ? {} : { timedOut }),
        };
      },
    });
  };
}

function toQuestion({ run, at }: StepMethod, prompt: string | undefined) {
  return async (state: State, ctx: NodeContext) => {
    const question = (await run(state, ctx)) ?? prompt;
    if (typeof question === "string") return question;
    const what = question === undefined ? "there is no prompt" : `its method returned a value of type ${typeof question}`;
    throw new OpenVibeError("OV_NODE_FAILED", `${at}: ${what}; allowed is a text, in the options or returned`);
  };
}
