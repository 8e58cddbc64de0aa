import { type OperatorId, parsePosition } from "@openvibe/core";
import { type Compatibility, compatible, type Plan, type Position, planWorkflow } from "@openvibe/graph";
import type { ManifestStore, ParkedRun } from "@openvibe/store";
import type { ServedOperator, ServedWorkflow } from "./served-operator.ts";

/** A run of another version than is served here, as far as it must be known to say whether it can go on here. */
export type ForeignRun = Pick<ParkedRun, "operatorId" | "workflowId" | "definition" | "begun" | "position"> & {
  /** The fields of its input, where they count: those of a run that nobody has parked yet. */
  readonly inputFields?: readonly string[];
};

/** Says whether runs of other versions can go on by the version that is served here. */
export class Versions {
  readonly #manifests: ManifestStore;
  /** By operator, version and workflow; what a version says never changes. */
  readonly #plans = new Map<string, Plan>();

  constructor(manifests: ManifestStore) {
    this.#manifests = manifests;
  }

  /** @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async judge(run: ForeignRun, operator: ServedOperator): Promise<Compatibility> {
    if (run.definition === operator.definition.version) return { fits: true };
    const workflow = operator.workflows.get(run.workflowId);
    if (workflow === undefined) return { fits: false, reason: `there is no workflow ${run.workflowId}` };
    if (!run.begun) return await this.#judgeNew(run, operator, workflow);
    const position: Position = run.position === null ? null : parsePosition(run.position).stepId;
    if (position === null) return { fits: true };
    const before = await this.#planOf(run);
    if (before === undefined)
      return { fits: false, reason: `its version is not in the store, which would say what came before ${position}` };
    return compatible(before, workflow.plan, position);
  }

  /** A run that has not begun begins with the version that takes it; but an older one must not drop what only a newer one knows. */
  async #judgeNew(
    { operatorId, inputFields }: ForeignRun,
    { definition }: ServedOperator,
    { manifest }: ServedWorkflow,
  ): Promise<Compatibility> {
    const unknown = inputFields?.find((field) => !manifest.state_fields.includes(field));
    if (inputFields !== undefined && unknown === undefined) return { fits: true };
    const current = await this.#manifests.find(operatorId);
    if (current?.version === definition.version) return { fits: true };
    return { fits: false, reason: `its input has fields that a newer version knows${unknown === undefined ? "" : `: ${unknown}`}` };
  }

  async #planOf({ operatorId, definition, workflowId }: ForeignRun): Promise<Plan | undefined> {
    const key = keyOf(operatorId, definition, workflowId);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const stored = await this.#manifests.findVersion(operatorId, definition);
    const workflow = stored?.manifest.workflows.find(({ id }) => id === workflowId);
    if (workflow === undefined) return undefined;
    const plan = planWorkflow(operatorId, workflow);
    this.#plans.set(key, plan);
    return plan;
  }
}

function keyOf(operatorId: OperatorId, version: string, workflowId: string): string {
  return `${operatorId} ${version} ${workflowId}`;
}
