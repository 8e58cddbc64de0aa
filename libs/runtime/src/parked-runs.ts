/** Takes parked runs that a version served here fits, and for which no message comes: at once after the start, then every two seconds. */
import type { Clock, Logger, OperatorId, OwnerId } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";
import type { ClaimedRuns } from "./claimed-runs.ts";
import type { OperatorSlots } from "./operator-slots.ts";
import type { Parking } from "./parking.ts";
import { pause } from "./patience.ts";
import type { ServedOperator } from "./served-operator.ts";
import { startedEvent } from "./started-event.ts";

const LOOK_EVERY_MS = 2_000;

export interface ParkedRunsDeps {
  readonly claimedRuns: ClaimedRuns;
  readonly parking: Parking;
  readonly slots: OperatorSlots;
  readonly operators: ReadonlyMap<OperatorId, ServedOperator>;
  readonly runs: Pick<RunStore, "claim">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly owner: OwnerId;
}

export class ParkedRuns {
  readonly #deps: ParkedRunsDeps;
  /** From before their claim to their end. */
  readonly #taken = new Set<string>();

  constructor(deps: ParkedRunsDeps) {
    this.#deps = deps;
  }

  /** Runs that were parked and are in hand. */
  get size(): number {
    return this.#taken.size;
  }

  /** Until `signal` aborts. Never throws. */
  async take(signal: AbortSignal): Promise<void> {
    const { operators, logger } = this.#deps;
    for (; !signal.aborted; await pause(LOOK_EVERY_MS, signal)) {
      for (const operator of operators.values()) {
        await this.#takeFitting(operator, signal).catch((err) => logger.debug({ err }, "parked runs could not be looked at"));
      }
    }
  }

  async #takeFitting(operator: ServedOperator, signal: AbortSignal): Promise<void> {
    const { parking, logger } = this.#deps;
    const slots = this.#deps.slots.of(operator.definition.manifest.id);
    for (const { runId, wake } of await parking.findFitting(operator)) {
      if (signal.aborted || slots.free === 0) return;
      slots.acquire();
      this.#taken.add(runId);
      const ended = this.#execute(runId, wake).finally(() => {
        this.#taken.delete(runId);
        slots.release();
      });
      ended.catch((err) => logger.warn({ run_id: runId, err }, "a parked run could not be taken"));
    }
  }

  /** Without a message: when this process dies, the sweep says that the run is there. */
  async #execute(runId: string, wake: number): Promise<void> {
    const { claimedRuns, runs, clock, owner } = this.#deps;
    const { claimed } = await runs.claim({ runId, wake, owner, started: startedEvent(clock) });
    if (claimed !== undefined) await claimedRuns.execute(claimed, []);
  }
}
