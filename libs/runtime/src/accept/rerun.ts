import {
  didYouMean,
  isFinal,
  isOpenVibeError,
  type JsonObject,
  type NodeId,
  nearestNames,
  OpenVibeError,
  parsePosition,
  type Run,
  type RunOverrides,
  writePosition,
} from "@openvibe/core";
import { type Plan, planWorkflow } from "@openvibe/graph";
import type { Store } from "@openvibe/store";
import type { TriggeredWorkflow } from "./catalogue.ts";
import type { InputCheck } from "./input-check.ts";
import { refusal } from "./refusal.ts";
import { Replay } from "./replay.ts";
import type { RerunChanges } from "./rerun-body.ts";

type RerunStore = Pick<Store, "runs" | "manifests" | "history">;

/** @throws OpenVibeError OV_RUN_NOT_RERUNNABLE */
export function checkRerunnable({ runId, status }: Run): void {
  if (isFinal(status)) return;
  const detail = `run ${runId} is ${status}; run again can be what has ended: wait for it, or cancel it`;
  throw new OpenVibeError("OV_RUN_NOT_RERUNNABLE", detail, { extra: { run_status: status } });
}

/** The new run's input: where it begins at the first step, what is to be laid over the state is laid over the input. */
export function inputOf(run: Run, { fromStep, input = run.input, state = {} }: RerunChanges): JsonObject {
  return fromStep === undefined ? { ...input, ...state } : input;
}

/**
 * What the new run does otherwise, checked against the operator's current definition, which it will go by; `undefined` where that is nothing.
 * `input`: as the new run has it.
 * @throws OpenVibeError OV_RERUN_INVALID, OV_RUN_NOT_RERUNNABLE (no history of the old run), OV_STORE_UNAVAILABLE
 */
export async function toOverrides(
  store: RerunStore,
  run: Run,
  changes: RerunChanges,
  { operator, workflow, checkInput }: TriggeredWorkflow,
  input: JsonObject,
): Promise<RunOverrides | undefined> {
  const { fromStep, state = {}, model, prompt } = changes;
  const plan = planWorkflow(operator.manifest.id, workflow);
  checkModelSteps(plan, model, "/model");
  checkModelSteps(plan, prompt, "/prompt");
  checkState(state, workflow.state_fields, checkInput);
  const begin =
    fromStep === undefined ? undefined : await findBegin(store, run, fromStep, plan, { input, replaced: changes.input !== undefined });
  const overrides: RunOverrides = {
    ...(begin === undefined ? {} : { begin: { ...begin, state: { ...begin.state, ...state } } }),
    ...(isEmpty(model) ? {} : { model }),
    ...(isEmpty(prompt) ? {} : { prompt }),
  };
  return isEmpty(overrides) ? undefined : overrides;
}

function isEmpty(map: object | undefined): map is undefined {
  return map === undefined || Object.keys(map).length === 0;
}

interface GivenInput {
  readonly input: JsonObject;
  /** Whether it takes the place of the old run's. */
  readonly replaced: boolean;
}

/** Where a run stood before a step, by what its steps wrote. */
async function findBegin(
  store: RerunStore,
  run: Run,
  fromStep: NodeId,
  plan: Plan,
  given: GivenInput,
): Promise<NonNullable<RunOverrides["begin"]>> {
  const target = plan.steps.get(fromStep);
  if (target === undefined) throw invalid("/from_step", `there is no step ${shown(fromStep)}${meant(fromStep, plan)}`);
  const [replay, before] = await replayRun(store, run, plan, given);
  const found = replay.find(fromStep);
  if (found === undefined)
    throw invalid("/from_step", `run ${run.runId} did not come to step ${fromStep}; it came to ${replay.steps.join(", ")}`);
  if (before.steps.get(fromStep)?.loops.join() !== target.loops.join())
    throw invalid("/from_step", `step ${fromStep} stands in other loops than it did when run ${run.runId} came to it`);
  return { position: writePosition({ stepId: fromStep, passes: found.passes, returns: 0 }), state: found.state };
}

async function replayRun(store: RerunStore, run: Run, current: Plan, { input, replaced }: GivenInput): Promise<readonly [Replay, Plan]> {
  const { operatorId, runId, workflowId, definition } = run;
  const began = (run.rerunOf === null ? undefined : await store.runs.findOverrides(runId))?.begin;
  const stored = await store.manifests.findVersion(operatorId, definition);
  const workflow = stored?.manifest.workflows.find(({ id }) => id === workflowId);
  const plan = workflow === undefined ? current : planWorkflow(operatorId, workflow);
  // A rerun that began at a step began with more than its input.
  const state = began === undefined ? input : replaced ? { ...began.state, ...input } : began.state;
  const { stepId, passes } =
    began === undefined ? { stepId: plan.entry, passes: new Map<NodeId, number>() } : parsePosition(began.position);
  const replay = new Replay(plan, stepId, { state, passes });
  let ended = 0;
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<typeof store.history.of>> = await store.history.of(runId, { after });
    for (const record of page.records) replay.add(record);
    ended += page.records.filter(({ error, skipped }) => error === undefined && skipped === undefined).length;
    after = page.next;
  }
  if (ended >= run.metrics.nodes_executed) return [replay, plan];
  throw new OpenVibeError(
    "OV_RUN_NOT_RERUNNABLE",
    `of run ${runId} ${ended} of ${run.metrics.nodes_executed} steps are in its history, so that what a later step saw is not known: run it again from the start (without from_step), and keep history on the workers for the next time (OPENVIBE_HISTORY=true)`,
    { extra: { run_status: run.status } },
  );
}

function checkModelSteps(plan: Plan, map: Readonly<Record<NodeId, unknown>> | undefined, at: string): void {
  for (const id of Object.keys(map ?? {})) {
    const step = plan.steps.get(id);
    if (step?.manifest.kind === "llm") continue;
    const asking = [...plan.steps.values()].filter(({ manifest }) => manifest.kind === "llm").map((each) => each.id);
    const what = step === undefined ? `there is no step ${shown(id)}` : `step ${id} is ${step.manifest.kind}, and asks no model`;
    throw invalid(`${at}/${id.slice(0, 80)}`, `${what}; allowed are ${asking.join(", ") || "none"}`);
  }
}

function checkState(state: JsonObject, fields: readonly string[], checkInput: InputCheck): void {
  const odd = Object.keys(state).find((field) => !fields.includes(field));
  if (odd !== undefined)
    throw invalid(
      `/state/${odd.slice(0, 80)}`,
      `is no field of the state${didYouMean(nearestNames(odd, fields))}; its fields are ${fields.join(", ")}`,
    );
  try {
    checkInput(state);
  } catch (error) {
    if (!isOpenVibeError(error, "OV_INPUT_INVALID")) throw error;
    const [first] = error.errors.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/input/, "/state"), detail }));
    throw invalid(first?.pointer ?? "/state", first?.detail ?? "does not fit");
  }
}

function meant(id: NodeId, plan: Plan): string {
  const steps = [...plan.steps.keys()];
  return `${didYouMean(nearestNames(id, steps))}; there are ${steps.join(", ")}`;
}

function shown(id: string): string {
  return JSON.stringify(id.slice(0, 80));
}

function invalid(pointer: string, detail: string): OpenVibeError {
  return refusal("OV_RERUN_INVALID", pointer, detail);
}
