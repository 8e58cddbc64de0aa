import type { FinalStatus, OperatorId, WorkflowId } from "@openvibe/core";

/** What the runtime tells whoever measures it. Calls must not throw and must not wait. */
export interface RuntimeObserver {
  runEnded(run: {
    readonly operatorId: OperatorId;
    readonly workflowId: WorkflowId;
    readonly status: FinalStatus;
    readonly durationSeconds: number;
  }): void;
  nodeEnded(node: { readonly kind: string; readonly ok: boolean; readonly durationSeconds: number }): void;
  llmCalled(call: {
    readonly provider: string;
    readonly model: string;
    readonly ok: boolean;
    readonly tokensIn: number;
    readonly tokensOut: number;
    readonly cacheReadTokens: number;
    readonly cacheWriteTokens: number;
    readonly costUsd: number | null;
  }): void;
  /** Runs in this process's hands. */
  inFlight(count: number): void;
  redelivered(): void;
  deadLettered(reason: string): void;
}

export const silentObserver: RuntimeObserver = {
  runEnded() {},
  nodeEnded() {},
  llmCalled() {},
  inFlight() {},
  redelivered() {},
  deadLettered() {},
};
