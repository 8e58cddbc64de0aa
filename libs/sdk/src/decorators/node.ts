import { Control, isPlainObject, type NodeContext, type Patch, parseDuration, type State } from "@openvibe/core";
import type { NodeDraft } from "../draft.ts";
import type { NodeOptions } from "../step-options.ts";
import { findStep, markStep, type StepMethod } from "./marks.ts";
import type { MethodPatch, OnlyFields, Pause, StepFunction, WhenMethod } from "./method-types.ts";
import { checkGiven, checkMethod } from "./place-checks.ts";
import { WAIT_DURATION } from "./wait-duration.ts";

export interface NodeMethodOptions extends NodeOptions, WhenMethod {
  /** The step's id; the method's name in snake_case by default. */
  readonly id?: string;
}

type Returned<S> = (MethodPatch<S> & Pause) | Control<MethodPatch<S>> | void;

export type NodeDecorator = <S extends object = never, R extends Returned<S> = Returned<S>>(
  method: StepFunction<S, R> & OnlyFields<NoInfer<R>, S, keyof Pause>,
  context: ClassMethodDecoratorContext,
) => void;

/**
 * A step of code: gets the state, gives back the fields to change, as `.node` does. `{ waitDuration: "3d" }` among them lets that time pass before the
 * next step; `sleep`, `goto` and `end` may be returned too.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function node(options: NodeMethodOptions): NodeDecorator;
export function node<S extends object = never, R extends Returned<S> = Returned<S>>(
  method: StepFunction<S, R> & OnlyFields<NoInfer<R>, S, keyof Pause>,
  context: ClassMethodDecoratorContext,
): void;
export function node(...given: readonly [options: NodeMethodOptions] | readonly [method: unknown, context: unknown]): NodeDecorator | void {
  const [first] = given;
  if (given.length > 1 || typeof first === "function") return decorate({}, first, given[1]);
  checkGiven("@node", first, "{ retries: 2 }");
  return (method, context) => decorate(first as NodeMethodOptions, method, context);
}

function decorate({ id, ...options }: NodeMethodOptions, method: unknown, context: unknown): void {
  checkMethod("@node", method, context, findStep);
  markStep(method, {
    decorator: "@node",
    id,
    arms: new Map(),
    toDraft: (bound) => ({ kind: "node", name: bound.id, run: toRun(bound), options: options as NodeDraft["options"] }),
  });
}

function toRun({ run, at }: StepMethod) {
  return async (state: State, ctx: NodeContext) => {
    const returned = await run(state, ctx);
    if (!isPlainObject(returned) || returned[WAIT_DURATION] === undefined) return returned as Patch | Control | void;
    const { [WAIT_DURATION]: duration, ...patch } = returned;
    return new Control(patch, { kind: "sleep", durationMs: parseDuration(duration as number, `${at}, ${WAIT_DURATION}`) });
  };
}
