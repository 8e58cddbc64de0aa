import type { DRAFT, WorkflowDraft } from "./draft.ts";

/** What `operator` needs of a workflow; every chain is one. */
export interface AnyWorkflow {
  readonly id: string;
  readonly [DRAFT]: WorkflowDraft;
  /** For types only; no value has it. */
  readonly "~types"?: { readonly input: unknown; readonly state: unknown };
}
