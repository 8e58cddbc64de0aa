/** A run that does something otherwise than its workflow says: a rerun with overrides. */
import type { RunOverrides, State, StepCode } from "@openvibe/core";
import type { PlannedStep } from "@openvibe/graph";
import type { ClaimedRun, ParkedRun } from "@openvibe/store";
import type { ServedWorkflow } from "./served-operator.ts";

interface Begun {
  readonly state: State | null;
  readonly position: string | null;
}

/** Where a run stands: before its first commit a rerun may begin elsewhere than its workflow does. */
export function asBegun(run: ClaimedRun): Begun;
export function asBegun(run: ParkedRun): Pick<ParkedRun, "begun" | "position">;
export function asBegun(run: ClaimedRun | ParkedRun): Begun | Pick<ParkedRun, "begun" | "position"> {
  const begin = run.overrides?.begin;
  if ("begun" in run) return run.begun || begin === undefined ? run : { begun: true, position: begin.position };
  return run.state !== null || begin === undefined ? run : begin;
}

/** The workflow as a rerun has it: other models, other prompts. */
export function overrideWorkflow(workflow: ServedWorkflow, { model = {}, prompt = {} }: RunOverrides): ServedWorkflow {
  const { code, graph } = workflow;
  const steps = new Map([...code.steps].map(([id, step]) => [id, overrideCode(step, prompt[id])]));
  const toStep = (step: PlannedStep): PlannedStep => {
    const other = model[step.id];
    return other === undefined || step.manifest.kind !== "llm" ? step : { ...step, manifest: { ...step.manifest, model: other } };
  };
  return {
    ...workflow,
    code: { ...code, steps },
    graph: {
      form: graph.form,
      run: (runner, start) => graph.run({ step: (step, state, mayDefer) => runner.step(toStep(step), state, mayDefer) }, start),
    },
  };
}

function overrideCode(code: StepCode, prompt: NonNullable<RunOverrides["prompt"]>[string] | undefined): StepCode {
  if (prompt === undefined || code.kind !== "llm") return code;
  return { ...code, prompt: async (state, ctx) => ({ ...(await code.prompt(state, ctx)), ...prompt }) };
}
