import {
  defineOperatorClass,
  isOpenVibeError,
  type JsonObject,
  type JsonValue,
  type OperatorClass,
  type OperatorDefinition,
  type Run,
} from "@openvibe/core";
import type { AnyWorkflow } from "../any-workflow.ts";
import { definitionFault } from "../definition-fault.ts";
import { operator as defineOperator, type OperatorOptions } from "../operator.ts";
import type { KnownHooks } from "../operator-hooks.ts";
import type { Class } from "./marks.ts";
import { checkGiven, checkStandard } from "./place-checks.ts";
import { readWorkflows } from "./read-workflows.ts";

export interface OperatorClassOptions extends Omit<OperatorOptions<readonly AnyWorkflow[]>, "workflows" | "answers"> {
  readonly id: string;
  /** Workflow classes that do not stand inside the operator, and workflows that are values. */
  readonly workflows?: readonly (Class | AnyWorkflow)[];
  /** What it answers when other operators ask: capability -> workflow. */
  readonly answers?: Readonly<
    Record<string, { readonly workflow: string; readonly input: (body: JsonValue) => JsonObject; readonly reply: (run: Run) => JsonValue }>
  >;
}

/**
 * Makes a class an operator: `serve`, `createRuntime`, `activate` and the command take it wherever they take a definition. Its fields are the state, each
 * with its default; its static classes with `@workflow` are the workflows, and so are static fields that hold what `workflow(…)` of the values gives.
 * @throws OpenVibeError OV_DEFINITION_INVALID, when the class is made
 */
export function operator<H extends string = never>(
  options: OperatorClassOptions & { readonly on?: KnownHooks<H> },
): <C extends OperatorClass>(operatorClass: C, context: ClassDecoratorContext<C>) => void {
  checkGiven("@operator", options, '{ id: "hello", name: "Hello" }');
  return (_, context) => {
    checkStandard("@operator", context);
    if (context.kind !== "class") throw definitionFault("@operator", "allowed is a class");
    const at = `class ${context.name ?? "(without a name)"}`;
    // Not now: a class's static fields, which hold its workflows, come after its decorators.
    context.addInitializer(function () {
      defineOperatorClass(this, compile(this, at, options));
    });
  };
}

function compile(operatorClass: OperatorClass, at: string, { id, workflows = [], ...rest }: OperatorClassOptions): OperatorDefinition {
  const found = readWorkflows(operatorClass, workflows, at);
  try {
    return defineOperator(id, { ...(rest as OperatorOptions<readonly AnyWorkflow[]>), workflows: found });
  } catch (error) {
    if (isOpenVibeError(error)) throw definitionFault(at, error.message, error);
    throw error;
  }
}
