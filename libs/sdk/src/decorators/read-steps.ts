/** The steps of a workflow's class: its decorated methods, in their order, those of an arm taken out of the main line. */
import { messageOf } from "@openvibe/core";
import { definitionFault } from "../definition-fault.ts";
import type { StepDraft } from "../draft.ts";
import type { ClassState } from "./class-state.ts";
import { type Class, findStep, type StepMark, type StepMethod } from "./marks.ts";
import { toStepId } from "./step-id.ts";

interface Step {
  readonly name: string;
  readonly mark: StepMark;
  readonly method: StepMethod;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function readSteps(workflowClass: Class, state: ClassState, at: string): readonly StepDraft[] {
  checkNotExtended(workflowClass, at);
  const instance = makeInstance(workflowClass, at);
  const steps = stepsOf(workflowClass, instance, state, at);
  if (steps.length === 0) throw definitionFault(at, "has no steps; put @node, @llmNode, @conditional or @humanInTheLoop on its methods");
  const drafts: StepDraft[] = [];
  for (let index = 0; index < steps.length; ) {
    const { draft, next } = readStep(steps, index);
    drafts.push(draft);
    index = next;
  }
  return drafts;
}

/** One object for all runs, so nothing can be kept in it from one step to the next: a step may run on any server. */
function makeInstance(workflowClass: Class, at: string): object {
  let instance: object;
  try {
    instance = new (workflowClass as new () => object)();
  } catch (cause) {
    throw definitionFault(at, `cannot be made without arguments (${messageOf(cause)})`, cause);
  }
  const [field] = Object.keys(instance);
  if (field !== undefined)
    throw definitionFault(
      `${at}, field ${field}`,
      "state stands in the operator's class, or in a static state = z.object(…); constants stand outside",
    );
  return Object.freeze(instance);
}

function stepsOf(workflowClass: Class, instance: object, { openState }: ClassState, workflowAt: string): readonly Step[] {
  return Object.entries(Object.getOwnPropertyDescriptors(workflowClass.prototype as object)).flatMap(([name, { value }]) => {
    const mark = findStep(value);
    if (mark === undefined) return [];
    const at = `${workflowAt}, method ${name}`;
    if (/^\d+$/.test(name)) throw definitionFault(at, "JavaScript puts methods whose name is a number before all others; give it a name");
    const run = (state: unknown, ctx: unknown) => (value as (state: unknown, ctx: unknown) => unknown).call(instance, state, ctx);
    return [{ name, mark, method: { id: mark.id ?? toStepId(name), at, run, openState } }];
  });
}

/** Its steps would be left out, or stand in an order that nobody sees. */
function checkNotExtended(workflowClass: Class, at: string): void {
  for (let parent = Object.getPrototypeOf(workflowClass.prototype); parent !== null; parent = Object.getPrototypeOf(parent)) {
    const found = Object.entries(Object.getOwnPropertyDescriptors(parent as object)).find(([, { value }]) => findStep(value) !== undefined);
    if (found !== undefined)
      throw definitionFault(at, `extends a class whose method ${found[0]} is a step; the steps of a workflow stand in one class`);
  }
}

/** The step at `index` with its arms; `next` is where the line goes on. */
function readStep(steps: readonly Step[], index: number): { readonly draft: StepDraft; readonly next: number } {
  const step = steps[index] as Step;
  const { mark, method } = step;
  const wanted = wantedBy(step);
  const arms = new Map([...mark.arms.keys()].map((label) => [label, [] as StepDraft[]]));
  const taken = new Map<string, string[]>([...mark.arms.keys()].map((label) => [label, []]));
  let next = index + 1;
  for (let found = findArm(wanted, steps[next]); found !== undefined; found = findArm(wanted, steps[next])) {
    const read = readStep(steps, next);
    arms.get(found.label)?.push(read.draft);
    taken.get(found.label)?.push(found.name);
    next = read.next;
  }
  for (const [label, { methods, named }] of mark.arms) {
    const missing = methods.find((name) => taken.get(label)?.includes(name) !== true);
    if (missing !== undefined) checkMissing(missing, label, named, step, steps);
    else if (taken.get(label)?.join() !== methods.join())
      throw definitionFault(method.at, `${armOf(step, label)} names ${methods.join(", ")}; the methods stand in another order`);
  }
  return { draft: mark.toDraft(method, arms), next };
}

/** Method -> the arm that names it. */
function wantedBy(step: Step): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>();
  for (const [label, { methods }] of step.mark.arms)
    for (const name of methods) {
      if (wanted.has(name)) throw definitionFault(step.method.at, `method ${name} is named twice; it stands in one arm`);
      wanted.set(name, label);
    }
  return wanted;
}

/** A method is named as it stands there, or by its id. */
function findArm(
  wanted: ReadonlyMap<string, string>,
  step: Step | undefined,
): { readonly label: string; readonly name: string } | undefined {
  const name = step === undefined ? undefined : [step.name, step.method.id].find((each) => wanted.has(each));
  const label = name === undefined ? undefined : wanted.get(name);
  return name === undefined || label === undefined ? undefined : { label, name };
}

function checkMissing(name: string, label: string, named: boolean, step: Step, steps: readonly Step[]): void {
  const elsewhere = steps.find((each) => each !== step && (each.name === name || each.method.id === name));
  if (elsewhere !== undefined)
    throw definitionFault(
      elsewhere.method.at,
      `belongs to ${armOf(step, label)} of ${step.name}, and must stand right behind it; or give one of the two another name`,
    );
  if (named)
    throw definitionFault(
      step.method.at,
      `${armOf(step, label)} names ${JSON.stringify(name)}, and no method with a step's decorator has that name`,
    );
}

function armOf({ mark }: Step, label: string): string {
  return mark.decorator === "@conditional" ? `route ${JSON.stringify(label)}` : label;
}
