import {
  type NodeId,
  PACINGS,
  parseDuration,
  type StepCode,
  type TriggerManifest,
  type WorkflowCode,
  type WorkflowManifest,
} from "@openvibe/core";
import { checkSteps } from "./check-steps.ts";
import type { NamedChild } from "./compile-children.ts";
import { compilePacing } from "./compile-pacing.ts";
import { compileSteps } from "./compile-step.ts";
import { checkId, checkOptions, definitionFault, shown } from "./definition-fault.ts";
import type { TriggerSettings, WorkflowDraft } from "./draft.ts";
import { checkWorkflow } from "./load-checks.ts";
import { readStateSchema, type StateSchema } from "./state-schema.ts";
import { createCheckPatch, createOpenState } from "./state-values.ts";
import { findCatchUpFault, findFilterFault, findTriggerFault } from "./triggers.ts";

export interface CompiledWorkflow {
  readonly manifest: WorkflowManifest;
  readonly code: WorkflowCode;
  /** Workflows of the same operator that its steps begin. */
  readonly named: readonly NamedChild[];
}

/** Checks a workflow and turns it into data and code. `schemas` holds what was read before: workflows often share one state. @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileWorkflow(draft: WorkflowDraft, operatorAt: string, schemas: Map<unknown, StateSchema>): CompiledWorkflow {
  const at = `${operatorAt}, workflow ${shown(draft.id)}`;
  checkWorkflow(draft, at);
  const { id, options } = draft;
  const state = schemas.get(options.state) ?? readStateSchema(options.state, at);
  schemas.set(options.state, state);
  const code = new Map<NodeId, StepCode>();
  const named: NamedChild[] = [];
  const steps = compileSteps(draft.steps, { workflow: at, route: "" }, { state, taken: new Map(), code, named });
  const { onComplete, durable, checkpointed } = options;
  const life = {
    ...(durable === undefined ? {} : { durable: { max_days: durable.maxDays } }),
    ...(checkpointed === false ? { checkpointed } : {}),
  };
  checkSteps({ steps, ...life }, at);
  return {
    manifest: {
      id,
      ...(options.description === undefined ? {} : { description: options.description }),
      triggers: toTriggers(draft, at),
      ...(options.timeout === undefined ? {} : { timeout_ms: parseDuration(options.timeout, `${at}, timeout`) }),
      ...life,
      input_schema: state.inputSchema,
      state_fields: [...state.fields.keys()],
      steps,
      ...(onComplete === undefined ? {} : { on_complete: true }),
    },
    code: {
      steps: code,
      openState: createOpenState(state, at),
      checkPatch: createCheckPatch(state, at),
      ...(onComplete === undefined ? {} : { onComplete }),
    },
    named,
  };
}

/** A single trigger goes by the workflow's id. */
function toTriggers({ id, options: { trigger = "on_demand", triggers } }: WorkflowDraft, at: string): TriggerManifest[] {
  const named: [id: string, given: string | TriggerSettings][] = triggers === undefined ? [[id, trigger]] : Object.entries(triggers);
  if (named.length === 0) throw definitionFault(at, "triggers is empty; leave it out for on_demand");
  return named.map(([triggerId, given]) => {
    const triggerAt = `${at}, trigger ${shown(triggerId)}`;
    checkId(triggerId, triggerAt);
    if (typeof given === "object") checkOptions(given, ["on", "filter", "catchUp", ...PACINGS], triggerAt);
    const { on, filter, catchUp, ...others }: TriggerSettings = typeof given === "object" ? given : { on: given };
    const fault =
      findTriggerFault(on) ??
      (filter === undefined ? undefined : findFilterFault(filter, on)) ??
      (catchUp === undefined ? undefined : findCatchUpFault(catchUp, on));
    if (fault !== undefined) throw definitionFault(triggerAt, fault);
    return {
      id: triggerId,
      on,
      ...(filter === undefined ? {} : { filter }),
      ...(catchUp === undefined || catchUp === "last" ? {} : { catch_up: catchUp }),
      ...compilePacing(others, on, triggerAt),
    };
  });
}
