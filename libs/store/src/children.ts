import type { OperatorId, Run, RunId, RunStatus } from "@openvibe/core";

/** Runs that another run began, as their parent has to see them. A child stays in the store while its parent is under way. */
export interface ChildStore {
  /** `undefined` for a run that is not there. Many asked at once travel together. */
  statusOf(runId: RunId): Promise<RunStatus | undefined>;
  /** The children of a parent whose origins begin with a text, oldest first. */
  list(request: {
    readonly parentRunId: RunId;
    readonly origin: string;
    /** The last one of the page before. */
    readonly after?: Pick<Run, "runId" | "createdAt">;
    readonly limit: number;
  }): Promise<readonly Child[]>;
  /** Children that have not ended and are not asked to. */
  findOpen(request: {
    readonly parentRunId: RunId;
    readonly limit: number;
  }): Promise<readonly { readonly operatorId: OperatorId; readonly runId: RunId }[]>;
}

export interface Child {
  readonly origin: string;
  readonly run: Run;
}
