import type { NodeContext } from "@openvibe/core";
import type { StateShape, WorkflowOptions } from "../workflow.ts";
import { type Class, markWorkflow } from "./marks.ts";
import { checkGiven, onClass } from "./place-checks.ts";

export interface WorkflowClassOptions extends Omit<WorkflowOptions<StateShape>, "state" | "onComplete"> {
  readonly id: string;
  /** Runs before the run is marked as completed. */
  readonly onComplete?: (state: never, ctx: NodeContext) => void | Promise<void>;
}

/** Stands on a class, or on a static field that holds one. */
export interface ClassOrStatic {
  <C extends Class>(value: C, context: ClassDecoratorContext<C>): void;
  <V extends Class>(value: undefined, context: ClassFieldDecoratorContext<unknown, V>): (initial: V) => V;
}

/**
 * A workflow: its decorated methods are the steps, in their order. On a static class inside the operator, or on a class of its own that is named in
 * `@operator({ workflows: [Greet] })`. The state is the operator's, unless the class has a `static state = z.object(…)`.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function workflow(options: WorkflowClassOptions): ClassOrStatic {
  checkGiven("@workflow", options, '{ id: "greet" }');
  return ((value: unknown, context: unknown) =>
    onClass("@workflow", value, context, (workflowClass) => markWorkflow(workflowClass, { ...options }))) as ClassOrStatic;
}
