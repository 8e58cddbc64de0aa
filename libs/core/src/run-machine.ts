/** The run's state machine as pure decisions: what a worker does with a delivery (DESIGN §6 rule 3). */
import type { OwnerId } from "./ids.ts";
import { isFinal, RunStatus } from "./run-status.ts";
import type { WakeUp } from "./wake-up.ts";

/** What the row says about a run at the moment a delivery is settled. */
export interface RowView {
  readonly status: RunStatus;
  readonly wake: number;
  readonly owner: OwnerId | null;
  /** As judged by the store for this process: no beat for 4 s, and the judge itself beats steadily. */
  readonly ownerSilent: boolean;
}

export type Settlement =
  /** Say so in the dead letters, then ack. An unknown run is first put back for a minute: its INSERT may be on its way. */
  | { readonly do: "dead_letter"; readonly reason: "unknown_run" | "unknown_wake" }
  | { readonly do: "drop" }
  | { readonly do: "claim" }
  /** The copy becomes the handle of the run that this process already runs: extended, never acked by itself. */
  | { readonly do: "hold" }
  | { readonly do: "put_back"; readonly delayMs: number }
  /** Publish what is unsent of the run's events, then ack. */
  | { readonly do: "publish_unsent" };

export interface Deliverer {
  readonly me: OwnerId;
  /** Whether this process is running the run now. */
  readonly runningHere: boolean;
}

export const PUT_BACK_MS = 1_000;

export function settle(wakeUp: WakeUp, row: RowView | undefined, { me, runningHere }: Deliverer): Settlement {
  if (row === undefined) return { do: "dead_letter", reason: "unknown_run" };
  if (wakeUp.wake > row.wake) return { do: "dead_letter", reason: "unknown_wake" };
  if (wakeUp.wake < row.wake) return { do: "drop" };
  if (isFinal(row.status)) return { do: "publish_unsent" };
  switch (row.status) {
    case RunStatus.Queued:
      return { do: "claim" };
    case RunStatus.Waiting:
      return { do: "publish_unsent" };
    case RunStatus.Running:
      if (runningHere) return row.owner === me ? { do: "hold" } : { do: "put_back", delayMs: PUT_BACK_MS };
      return row.owner === null || row.owner === me || row.ownerSilent ? { do: "claim" } : { do: "put_back", delayMs: PUT_BACK_MS };
    default:
      return row.status satisfies never;
  }
}

/** Claims of one wake-up that ended in silence with no step between, until the run is given up. */
export const MAX_SILENT_CLAIMS = 5;
/** A process that has not beaten for this long is silent. */
export const SILENT_AFTER_MS = 4_000;
export const BEAT_EVERY_MS = 1_000;
/** Only one who has beaten without a gap above `STEADY_GAP_MS` for `STEADY_FOR_MS` may call another silent. */
export const STEADY_GAP_MS = 2_000;
export const STEADY_FOR_MS = 5_000;
/** After these spans a queued run's wake-up is published again; then every minute. */
export const SWEEP_AFTER_MS = [5_000, 10_000, 20_000, 60_000] as const;
