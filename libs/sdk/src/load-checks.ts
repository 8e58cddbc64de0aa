import { nearestName } from "@openvibe/core";
import { checkId, checkOptions, definitionFault, shown } from "./definition-fault.ts";
import type { BranchDraft, LlmDraft, LlmSettings, NodeDraft, StepDraft, WorkflowDraft } from "./draft.ts";
import type { StateSchema } from "./state-schema.ts";

/** What every check throws: OpenVibeError OV_DEFINITION_INVALID, naming operator, workflow and step. Types stop most of it earlier; plain JavaScript has none. */
export interface StepPlace {
  /** `operator a, workflow b`. */
  readonly workflow: string;
  /** `route "sales" of step route`, from the outside in; empty on the main line. */
  readonly route: string;
}

export function stepAt({ workflow, route }: StepPlace, name: unknown): string {
  return `${workflow}, ${route === "" ? "" : `${route}, `}step ${shown(name)}`;
}

const WORKFLOW_OPTIONS = ["state", "description", "trigger", "triggers", "timeout", "durable", "checkpointed", "onComplete"];
const LLM_OPTIONS = [
  ...["model", "maxTokens", "temperature", "system", "user", "output", "outputs", "parse", "timeout", "attempts", "retries"],
  ...["fallback", "cache", "when"],
];
const MAX_FALLBACKS = 10;
const MAX_DAYS = 3_660;

export function checkWorkflow({ id, options, steps }: WorkflowDraft, at: string): void {
  checkId(id, at);
  checkOptions(options, WORKFLOW_OPTIONS, at);
  if (steps.length === 0)
    throw definitionFault(at, "has no steps; chain .llm, .node, .branch, .loop, .wait, .human, .graph, .run or .each");
  if (options.trigger !== undefined && options.triggers !== undefined) throw definitionFault(at, "give trigger or triggers, not both");
  checkLife(options, at);
  if (options.onComplete !== undefined && typeof options.onComplete !== "function")
    throw definitionFault(at, "onComplete must be a function");
}

function checkLife({ durable, checkpointed }: WorkflowDraft["options"], at: string): void {
  if (checkpointed !== undefined && typeof checkpointed !== "boolean") throw definitionFault(at, "checkpointed must be true or false");
  if (durable === undefined) return;
  if (checkpointed === false) throw definitionFault(at, "give durable or checkpointed: false, not both");
  checkOptions(durable, ["maxDays"], `${at}, durable`);
  const { maxDays } = durable;
  if (!(typeof maxDays === "number" && maxDays > 0 && maxDays <= MAX_DAYS))
    throw definitionFault(at, `durable: maxDays must be a number above 0, up to ${MAX_DAYS}`);
}

/** Names are ids on the wire, so they are unique in a workflow: the compiler sees that along a chain, not from one arm to another. */
export function checkStepName(step: StepDraft, place: StepPlace, taken: Map<string, string>): void {
  const at = stepAt(place, step.name);
  checkId(step.name, at);
  const other = taken.get(step.name);
  if (other !== undefined) throw definitionFault(at, `the name is taken by ${other}; a step's name is unique in its workflow`);
  taken.set(step.name, at);
}

export function checkLlm({ options }: LlmDraft, state: StateSchema, at: string): void {
  checkOptions(options, LLM_OPTIONS, at);
  const { model, maxTokens, temperature, attempts, retries, system, user } = options;
  if (typeof model !== "string" || model.trim() === "")
    throw definitionFault(at, 'model is missing; allowed is an alias such as "haiku" or a vendor\'s id');
  if (!isText(user)) throw definitionFault(at, "user must be a text or a function of the state that gives one");
  if (system !== undefined && !isText(system)) throw definitionFault(at, "system must be a text or a function of the state that gives one");
  checkWhole(maxTokens, "maxTokens", 1, 1_000_000, at);
  checkWhole(attempts, "attempts", 1, 100, at);
  if (typeof retries !== "object") checkWhole(retries, "retries", 0, 99, at);
  checkModels(options, at);
  checkWhen(options.when, at);
  if (attempts !== undefined && retries !== undefined)
    throw definitionFault(at, "give attempts or retries, not both (attempts = retries + 1)");
  if (temperature !== undefined && !(typeof temperature === "number" && temperature >= 0 && temperature <= 2))
    throw definitionFault(at, "temperature must be a number from 0 to 2");
  checkInto(options, state, at);
}

function checkModels({ model, fallback, cache }: LlmSettings, at: string): void {
  if (cache !== undefined && typeof cache !== "boolean") throw definitionFault(at, "cache must be true or false");
  if (fallback === undefined) return;
  const named = Array.isArray(fallback) && fallback.every((name) => typeof name === "string" && name.trim() !== "");
  if (!named || fallback.length === 0 || fallback.length > MAX_FALLBACKS)
    throw definitionFault(at, `fallback must be a list of 1 to ${MAX_FALLBACKS} models`);
  if (new Set([model, ...fallback]).size <= fallback.length) throw definitionFault(at, "fallback names a model twice, or the step's own");
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function checkWhen(when: unknown, at: string): void {
  if (when !== undefined && typeof when !== "function")
    throw definitionFault(at, "when must be a function of the state that gives true or false");
}

function checkInto({ output, outputs, parse }: LlmSettings, state: StateSchema, at: string): void {
  const given = [output, outputs, parse].filter((way) => way !== undefined).length;
  if (given !== 1)
    throw definitionFault(at, `gives ${given === 0 ? "none" : "more than one"} of output, outputs and parse; exactly one is allowed`);
  if (parse !== undefined && typeof parse !== "function") throw definitionFault(at, "parse must be a function");
  if (output !== undefined) {
    checkField(output, state, `${at}, output`);
    if (state.fields.get(output)?.takesText !== true)
      throw definitionFault(
        `${at}, output`,
        `the field ${shown(output)} takes no text; allowed is a text field, or outputs for a JSON answer`,
      );
  }
  if (outputs === undefined) return;
  if (!Array.isArray(outputs) || outputs.length === 0) throw definitionFault(at, "outputs must name at least one field");
  for (const name of outputs) checkField(name, state, `${at}, outputs`);
  if (new Set(outputs).size < outputs.length) throw definitionFault(`${at}, outputs`, "names a field twice");
}

export function checkNode({ run, options }: NodeDraft, at: string): void {
  if (typeof run !== "function") throw definitionFault(at, "needs a function of the state");
  checkOptions(options, ["timeout", "pure", "retries", "when"], at);
  checkWhen(options.when, at);
}

export function checkBranch({ name, choose, routes, options }: BranchDraft, state: StateSchema, at: string): void {
  if (typeof choose !== "function") throw definitionFault(at, "needs a function that chooses the route");
  checkOptions(options, ["timeout"], at);
  if (routes.size === 0) throw definitionFault(at, "has no routes");
  const field = state.fields.get(name);
  for (const [route, arm] of routes) {
    const route_ = `route ${JSON.stringify(route)}`;
    if (!ROUTE.test(route) || RESERVED_ROUTES.includes(route))
      throw definitionFault(at, `${route_} is not allowed: 1 to 64 letters, digits, _ and -, beginning with a letter or digit`);
    if (arm === undefined)
      throw definitionFault(
        at,
        `${route_} must be null, or a function that chains steps onto the one it is given and returns them, or a step's name, or end() without a patch`,
      );
    if (field !== undefined && !field.schema.safeParse(route).success)
      throw definitionFault(
        at,
        `${route_} does not fit the state field ${JSON.stringify(name)}, which receives the route because it has the step's name`,
      );
  }
}

const ROUTE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const RESERVED_ROUTES = ["constructor", "prototype"];

export function checkField(name: unknown, { fields }: StateSchema, at: string): void {
  if (typeof name === "string" && fields.has(name)) return;
  const near = typeof name === "string" ? nearestName(name, fields.keys()) : undefined;
  const allowed = near === undefined ? `allowed are ${[...fields.keys()].join(", ")}` : `did you mean ${JSON.stringify(near)}?`;
  throw definitionFault(at, `${shown(name)} is not a field of the state; ${allowed}`);
}

export function checkWhole(value: unknown, what: string, min: number, max: number, at: string): void {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)) return;
  throw definitionFault(at, `${what} must be a whole number from ${min} to ${max}`);
}

function isText(value: unknown): boolean {
  return typeof value === "string" || typeof value === "function";
}
