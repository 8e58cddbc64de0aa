/** What becomes of a wake-up that is delivered to this process: the run's row settles it (DESIGN §6 rule 3). */
import type { Bus, Delivery } from "@openvibe/bus";
import { type Clock, type JsonObject, type Logger, type OwnerId, Slab, settle, type WakeUp } from "@openvibe/core";
import type { ClaimResult, Store } from "@openvibe/store";
import type { ClaimedRuns } from "./claimed-runs.ts";
import type { HeldRuns } from "./held-runs.ts";
import type { RuntimeObserver } from "./observer.ts";
import type { OperatorSlots } from "./operator-slots.ts";
import { patiently } from "./patience.ts";
import { publishOutbox } from "./publish-outbox.ts";
import { startedEvent } from "./started-event.ts";
import { UnknownRuns } from "./unknown-runs.ts";

const UNKNOWN_RUN_DELAY_MS = 60_000;
/** Until a wake-up of a run that was unknown must have come again. */
const UNKNOWN_RUN_KEEP_MS = 600_000;
const FAILED_DELAY_MS = 1_000;

export interface WakeUpsDeps {
  readonly claimedRuns: ClaimedRuns;
  readonly held: HeldRuns;
  readonly slots: OperatorSlots;
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: RuntimeObserver;
  readonly owner: OwnerId;
  /** Aborts when this process stops. */
  readonly stopping: AbortSignal;
}

export class WakeUps {
  readonly #deps: WakeUpsDeps;
  readonly #unknownRuns: UnknownRuns;
  /** Deliveries in hand, also those whose claim is still open. */
  readonly #settling = new Slab<Delivery>();

  constructor(deps: WakeUpsDeps) {
    this.#deps = deps;
    this.#unknownRuns = new UnknownRuns(deps.clock, UNKNOWN_RUN_KEEP_MS);
  }

  get settling(): number {
    return this.#settling.size;
  }

  extend(): void {
    for (const delivery of this.#settling) delivery.extend();
  }

  /** Never throws. */
  async settle(delivery: Delivery): Promise<void> {
    const { held: heldRuns, claimedRuns, observer, logger, stopping } = this.#deps;
    const { wakeUp } = delivery;
    const held = heldRuns.find(wakeUp.runId);
    if (held !== undefined) {
      observer.activationRedelivered(wakeUp.operatorId);
      if (held.wake === wakeUp.wake) {
        held.handles.push(delivery);
        return;
      }
      await held.ended;
    }
    const slots = this.#deps.slots.of(wakeUp.operatorId);
    slots.acquire();
    const slot = this.#settling.add(delivery);
    try {
      const result = await this.#claim(wakeUp);
      if (stopping.aborted && result.claimed !== undefined) await claimedRuns.giveBack(result.claimed, [delivery]);
      else if (result.claimed !== undefined) await claimedRuns.execute(result.claimed, [delivery]);
      else await this.#settleRefused(delivery, result);
    } catch (error) {
      logger.error({ run_id: wakeUp.runId, operator_id: wakeUp.operatorId, err: error }, "a wake-up could not be settled");
      delivery.release(FAILED_DELAY_MS);
    } finally {
      this.#settling.delete(slot);
      slots.release();
    }
  }

  /** While the store is away the message is held, and nothing new is taken. */
  async #claim({ runId, wake }: WakeUp): Promise<ClaimResult> {
    const { store, clock, owner, slots, stopping } = this.#deps;
    let outage = false;
    try {
      return await patiently(() => store.runs.claim({ runId, wake, owner, started: startedEvent(clock) }), {
        signal: stopping,
        onOutage: () => {
          if (!outage) slots.beginOutage();
          outage = true;
        },
      });
    } finally {
      if (outage) slots.endOutage();
    }
  }

  async #settleRefused(delivery: Delivery, { row }: Extract<ClaimResult, { claimed: undefined }>): Promise<void> {
    const { held, bus, store, observer, clock, owner } = this.#deps;
    const { wakeUp } = delivery;
    const settlement = settle(wakeUp, row, { me: owner, runningHere: held.find(wakeUp.runId) !== undefined });
    if (settlement.do !== "dead_letter") observer.activationRedelivered(wakeUp.operatorId);
    switch (settlement.do) {
      case "dead_letter": {
        if (settlement.reason === "unknown_run" && this.#unknownRuns.meet(wakeUp.runId) === "first") {
          delivery.release(UNKNOWN_RUN_DELAY_MS);
          return;
        }
        observer.deadLettered(settlement.reason);
        await bus.signals.deadLetter({ operatorId: wakeUp.operatorId, reason: settlement.reason, body: toLetter(wakeUp) });
        delivery.done();
        return;
      }
      case "publish_unsent": {
        const found = await store.runs.findOutbox(wakeUp.runId);
        if (found !== undefined) await publishOutbox({ bus, store, observer, clock }, found.run, found.outbox);
        delivery.done();
        return;
      }
      case "put_back":
        delivery.release(settlement.delayMs);
        return;
      case "claim": // the row changed between the refused claim and this look
      case "hold":
        delivery.release(0);
        return;
      case "drop":
        delivery.done();
        return;
      default:
        settlement satisfies never;
    }
  }
}

function toLetter({ operatorId, runId, kind, wake }: WakeUp): JsonObject {
  return { operator_id: operatorId, run_id: runId, kind, wake };
}
