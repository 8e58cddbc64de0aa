/** Steps that begin other runs: checked, as data, and their code. */
import {
  type ChildEnd,
  isId,
  type JsonObject,
  type Patch,
  parseDuration,
  type State,
  type StepCode,
  type StepManifest,
} from "@openvibe/core";
import { checkId, checkOptions, definitionFault, shown } from "./definition-fault.ts";
import { DRAFT, type EachDraft, type RunDraft, type RunSettings, type WorkflowDraft } from "./draft.ts";
import { checkField, checkWhen, checkWhole } from "./load-checks.ts";
import type { StateSchema } from "./state-schema.ts";

const COMMON = ["workflow", "operator", "input", "output", "map", "onFailure", "timeout", "when"];
const HOW = ["fail", "skip", "collect"] as const;

/** A workflow of the same operator that a step names: whether there is one is seen when all are known. */
export interface NamedChild {
  readonly at: string;
  readonly workflowId: string;
  /** Of the chain, where the workflow was given as a value. */
  readonly origin: symbol | undefined;
}

interface Compiled {
  readonly manifest: StepManifest;
  readonly code: StepCode;
  readonly named: NamedChild | undefined;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileRun({ name, options }: RunDraft, state: StateSchema, at: string): Compiled {
  checkOptions(options, COMMON, at);
  const { input = () => ({}), onFailure = "fail", output, map } = options;
  checkFunction(input, "input must be a function of the state that gives the child's input", at);
  if (onFailure !== "fail")
    checkFunction(onFailure, 'onFailure must be "fail", or a function of the failure that gives fields to change', at);
  const { child, named } = readChild(options, at);
  const toPatch = readInto({ output, map }, state, at);
  return {
    manifest: { kind: "run", id: name, ...child, on_failure: onFailure === "fail" ? "fail" : "patch" },
    code: {
      kind: "run",
      input,
      end: ({ output: its, ...failure }, now) =>
        failure.status === "completed" || typeof onFailure !== "function" ? toPatch(its, now) : onFailure(failure, now),
    },
    named,
  };
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileEach({ name, options }: EachDraft, state: StateSchema, at: string): Compiled {
  checkOptions(options, [...COMMON, "items", "concurrency", "maxItems"], at);
  const { items, input, onFailure = "fail", concurrency, maxItems, output, map } = options;
  checkFunction(items, "items must be a function of the state that gives a list", at);
  checkFunction(input, "input must be a function of an item that gives its child's input", at);
  if (!HOW.includes(onFailure)) throw definitionFault(at, `onFailure must be one of ${HOW.map((how) => `"${how}"`).join(", ")}`);
  checkWhole(concurrency, "concurrency", 1, 100, at);
  checkWhole(maxItems, "maxItems", 1, 10_000, at);
  const { child, named } = readChild(options, at);
  const toPatch = readInto<readonly unknown[]>({ output, map: map as ResultsToPatch | undefined }, state, at);
  return {
    manifest: { kind: "each", id: name, ...child, concurrency: concurrency ?? 10, max_items: maxItems ?? 1_000, on_failure: onFailure },
    code: {
      kind: "each",
      items,
      input: (item, index, now) => input(item as never, index, now),
      end: (ends, now) => toPatch(onFailure === "collect" ? ends.map(toResult) : ends.map((end) => end.output), now),
    },
    named,
  };
}

type ResultsToPatch = (results: readonly unknown[], state: State) => Patch | Promise<Patch>;

/** As an author sees it: an output only where there is one. */
function toResult({ runId, status, output, error }: ChildEnd): JsonObject {
  return status === "completed" ? { runId, status, output } : { runId, status, error: error === null ? null : { ...error } };
}

function readChild({ workflow, operator, timeout, when }: Pick<RunSettings, "workflow" | "operator" | "timeout" | "when">, at: string) {
  checkWhen(when, at);
  const draft: WorkflowDraft | undefined = typeof workflow === "object" && workflow !== null ? workflow[DRAFT] : undefined;
  const workflowId = typeof workflow === "string" ? workflow : draft?.id;
  if (!isId(workflowId)) throw definitionFault(at, "workflow must be what workflow(…) gives, or the id of one");
  if (operator !== undefined) checkId(operator, `${at}, operator ${shown(operator)}`);
  return {
    child: {
      ...(operator === undefined ? {} : { operator_id: operator }),
      workflow_id: workflowId,
      ...(timeout === undefined ? {} : { child_timeout_ms: parseDuration(timeout, `${at}, timeout`) }),
    },
    named: operator === undefined ? { at, workflowId, origin: draft?.origin } : undefined,
  };
}

/** Where the result goes: one field, code of the author's, or nowhere. */
function readInto<T>(
  { output, map }: { readonly output: string | undefined; readonly map: ((result: T, state: State) => Patch | Promise<Patch>) | undefined },
  state: StateSchema,
  at: string,
): (result: T, state: State) => Patch | Promise<Patch> {
  if (output !== undefined && map !== undefined) throw definitionFault(at, "give output or map, not both");
  if (map !== undefined) {
    checkFunction(map, "map must be a function that gives fields to change", at);
    return map;
  }
  if (output === undefined) return () => ({});
  checkField(output, state, `${at}, output`);
  return (result) => ({ [output]: result });
}

function checkFunction(value: unknown, what: string, at: string): void {
  if (typeof value !== "function") throw definitionFault(at, what);
}

/** @throws OpenVibeError OV_DEFINITION_INVALID where a step names a workflow that its operator has not */
export function checkNamedChildren(named: readonly NamedChild[], workflows: ReadonlyMap<string, symbol>): void {
  for (const { at, workflowId, origin } of named) {
    const there = workflows.get(workflowId);
    if (there === undefined)
      throw definitionFault(
        at,
        `workflow ${workflowId} is none of this operator's; allowed are ${[...workflows.keys()].join(", ")}, or another operator's with its id as operator`,
      );
    if (origin !== undefined && origin !== there)
      throw definitionFault(at, `workflow ${workflowId} is another one than that of this operator; name its operator`);
  }
}
