/** New runs that are handed to this process to begin at once, instead of going by the queue. */
import type { Clock, JsonObject, JsonValue, Logger, OwnerId, RunId } from "@openvibe/core";
import type { ClaimedRun, RunStore } from "@openvibe/store";
import type { ClaimedRuns } from "./claimed-runs.ts";
import { parseHandedRun, toBegunAnswer } from "./handed-run.ts";
import { insertClaimed } from "./insert-claimed.ts";
import { runFields } from "./log-fields.ts";
import type { OperatorSlots } from "./operator-slots.ts";
import type { ServedOperator } from "./served-operator.ts";
import type { SlotCounter } from "./slots.ts";
import { startedEvent } from "./started-event.ts";

/** This share of the slots is left to the queue: where no more is free, runs begin in the order in which they came. */
const LEFT_TO_THE_QUEUE = 1 / 8;

export interface BegunRunsDeps {
  readonly claimedRuns: ClaimedRuns;
  readonly slots: OperatorSlots;
  readonly runs: Pick<RunStore, "insert">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly owner: OwnerId;
  /** Those of them whose end is to be told. */
  readonly awaited: Set<RunId>;
  /** Aborts when this process stops: nothing new is begun. */
  readonly stopping: AbortSignal;
}

export class BegunRuns {
  readonly #deps: BegunRunsDeps;
  #size = 0;

  constructor(deps: BegunRunsDeps) {
    this.#deps = deps;
  }

  /** Runs that are being stored, or were and are in hand. */
  get size(): number {
    return this.#size;
  }

  /**
   * Stores the run as this process's own and works on it, where there is room and its version is the one served here. Resolves once it is stored.
   * @throws OpenVibeError OV_REQUEST_INVALID, OV_STORE_UNAVAILABLE (whoever handed it over stores it, for the queue)
   */
  async begin(operator: ServedOperator, body: JsonValue): Promise<JsonObject> {
    const { runs, clock, owner, stopping } = this.#deps;
    const { manifest, version } = operator.definition;
    const { run: handed, awaited } = parseHandedRun(manifest.id, body);
    const slots = this.#deps.slots.of(manifest.id);
    const fits = handed.definition === version && operator.workflows.has(handed.workflowId);
    if (stopping.aborted || !fits || !hasRoom(slots)) return toBegunAnswer(undefined);
    const leave = this.#enter(slots, handed.runId);
    try {
      if (awaited) this.#deps.awaited.add(handed.runId);
      const { run, claimed } = await insertClaimed(runs, handed, { owner, started: startedEvent(clock) });
      if (claimed === undefined) {
        leave();
        return toBegunAnswer(undefined);
      }
      void this.#execute(claimed).finally(leave);
      return toBegunAnswer({ createdAt: run.createdAt, startedAt: run.startedAt ?? run.createdAt });
    } catch (error) {
      leave();
      throw error;
    }
  }

  #enter(slots: SlotCounter, runId: RunId): () => void {
    slots.acquire();
    this.#size++;
    return () => {
      this.#size--;
      this.#deps.awaited.delete(runId);
      slots.release();
    };
  }

  /** Without a message: when this process dies, the sweep says that the run is there. Never throws. */
  async #execute(claimed: ClaimedRun): Promise<void> {
    const { claimedRuns, logger } = this.#deps;
    try {
      await claimedRuns.execute(claimed, []);
    } catch (err) {
      logger.warn({ ...runFields(claimed.run), err }, "a run that began here is left to the sweep");
    }
  }
}

function hasRoom({ free, size }: SlotCounter): boolean {
  return free >= Math.max(1, size * LEFT_TO_THE_QUEUE);
}
