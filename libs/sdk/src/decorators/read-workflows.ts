/** The workflows of an operator's class, as `workflow(…)` would have drafted them. */
import type { OperatorClass } from "@openvibe/core";
import type { AnyWorkflow } from "../any-workflow.ts";
import { definitionFault, shown } from "../definition-fault.ts";
import { DRAFT, type WorkflowDraft, type WorkflowSettings } from "../draft.ts";
import { type ClassState, readClassState, readOwnState } from "./class-state.ts";
import { type Class, findDurable, findStep, findWorkflow, type WorkflowMark } from "./marks.ts";
import { readSteps } from "./read-steps.ts";

const WHERE =
  "put @workflow({ id }) on a static class inside it (static Greet = class { … }), or name classes in @operator({ workflows: [Greet] })";

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function readWorkflows(operatorClass: OperatorClass, listed: readonly (Class | AnyWorkflow)[], at: string): readonly AnyWorkflow[] {
  const stray = methodsOf(operatorClass).find(([, method]) => findStep(method) !== undefined);
  if (stray !== undefined)
    throw definitionFault(
      `${at}, method ${stray[0]}`,
      `${findStep(stray[1])?.decorator} stands on a method of a workflow's class; ${WHERE}`,
    );
  if (!Array.isArray(listed)) throw definitionFault(at, "workflows must be a list of classes with @workflow");
  const state = once(() => readClassState(operatorClass, at));
  const inside = staticsOf(operatorClass).flatMap(([name, value]) => {
    if (isValue(value)) return [value];
    const mark = findWorkflow(value);
    const place = `${at}, static ${name}`;
    if (mark !== undefined) return [toWorkflow(value as Class, mark, place, state)];
    if (findDurable(value) !== undefined || (typeof value === "function" && hasSteps(value)))
      throw definitionFault(place, "has no @workflow({ id })");
    return [];
  });
  const named = listed.map((value: Class | AnyWorkflow, index) => {
    if (isValue(value)) return value;
    const mark = findWorkflow(value);
    if (mark === undefined)
      throw definitionFault(`${at}, workflows[${index}]`, "is neither a class with @workflow({ id }) nor what workflow(…) gives");
    return toWorkflow(value as Class, mark, `${at}, workflow class ${(value as Class).name}`, state);
  });
  if (inside.length + named.length === 0) throw definitionFault(at, `has no workflows; ${WHERE}`);
  return [...inside, ...named];
}

/** What `workflow(…)` of the values gives: loops, waits and children have no decorator. */
function isValue(value: unknown): value is AnyWorkflow {
  return typeof value === "object" && value !== null && DRAFT in value;
}

function toWorkflow(workflowClass: Class, { id, ...options }: WorkflowMark, at: string, operatorState: () => ClassState): AnyWorkflow {
  const durable = findDurable(workflowClass);
  if (durable !== undefined && options.durable !== undefined)
    throw definitionFault(at, "gives durable in @workflow and in @durable; one is allowed");
  const state = readOwnState(workflowClass, at) ?? operatorState();
  const draft: WorkflowDraft = {
    id,
    // Whoever compiles a workflow knows its options: a wrong one is refused there.
    options: { ...options, ...(durable === undefined ? {} : { durable }), state: state.schema } as WorkflowSettings,
    steps: readSteps(workflowClass, state, at),
    origin: Symbol(shown(id)),
  };
  return { id, [DRAFT]: draft };
}

function staticsOf(owner: object): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner)).map(([name, { value }]) => [name, value]);
}

function methodsOf({ prototype }: { readonly prototype: unknown }): readonly (readonly [name: string, method: unknown])[] {
  return typeof prototype === "object" && prototype !== null ? staticsOf(prototype) : [];
}

function hasSteps(value: object): boolean {
  return methodsOf(value as { readonly prototype: unknown }).some(([, method]) => findStep(method) !== undefined);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
