import type { EventLog } from "@openvibe/bus";
import { type Logger, type OpenVibeEvent, toIso } from "@openvibe/core";
import type { Delivery, Store, Subscription } from "@openvibe/store";
import type { Metrics } from "@openvibe/telemetry";
import { ATTEMPT_TIMEOUT_MS, type AttemptDeps, attemptDelivery } from "./attempt.ts";

export interface SenderOptions extends AttemptDeps {
  readonly store: Pick<Store, "subscriptions" | "deliveries" | "settings">;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "webhookAttempted">;
  /** Attempts at a time for one subscription of this process; 8 by default, and 1 while its receiver fails. */
  readonly perSubscription?: number;
  /** Called when an attempt has ended: there may be more to take. */
  readonly onEnded: () => void;
}

/** Long enough to write down how an attempt went, after it took as long as it may. */
const LEASE_MS = ATTEMPT_TIMEOUT_MS + 15_000;
/** Of this process, for all subscriptions. */
const MAX_IN_FLIGHT = 256;

/** Takes what is due and sends it, a few at a time for each subscription: a receiver that is dead or slow keeps its own share and no more. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #inFlight = new Map<string, number>();
  readonly #failing = new Set<string>();
  readonly #sending = new Set<Promise<void>>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Begins what is due and there is room for. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async run(subscriptions: readonly Subscription[]): Promise<void> {
    const { store } = this.#options;
    if (!subscriptions.some(({ status }) => status === "enabled")) return;
    const due = new Set(await store.deliveries.findDue());
    await Promise.all(
      subscriptions.map(async (subscription) => {
        const { subscriptionId, ordered } = subscription;
        const limit = due.has(subscriptionId) ? this.#roomFor(subscriptionId) : 0;
        if (limit <= 0) return;
        const taken = await store.deliveries.take({ subscriptionId, limit, leaseMs: LEASE_MS, ordered });
        for (const delivery of taken) this.#begin(delivery, subscription);
      }),
    );
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #roomFor(subscriptionId: string): number {
    const { perSubscription = 8 } = this.#options;
    const own = (this.#failing.has(subscriptionId) ? 1 : perSubscription) - (this.#inFlight.get(subscriptionId) ?? 0);
    return Math.min(own, MAX_IN_FLIGHT - this.#sending.size);
  }

  #count(subscriptionId: string, change: number): void {
    const count = (this.#inFlight.get(subscriptionId) ?? 0) + change;
    if (count === 0) this.#inFlight.delete(subscriptionId);
    else this.#inFlight.set(subscriptionId, count);
  }

  #begin(delivery: Delivery, subscription: Subscription): void {
    this.#count(subscription.subscriptionId, 1);
    const sending = this.#send(delivery, subscription)
      .catch((error: unknown) => {
        // Nobody wrote down how it went: it is due again when its time is over.
        this.#options.logger.warn({ delivery_id: delivery.deliveryId, err: error }, "a webhook's attempt could not be written down");
      })
      .finally(() => {
        this.#sending.delete(sending);
        this.#count(subscription.subscriptionId, -1);
        this.#options.onEnded();
      });
    this.#sending.add(sending);
  }

  async #send(delivery: Delivery, subscription: Subscription): Promise<void> {
    const { store, logger, metrics, signal } = this.#options;
    const { attempt, judgement } = await attemptDelivery(delivery, subscription, this.#options);
    const { end, error, gone } = judgement;
    if (signal?.aborted === true && end.did !== "delivered") return; // cut by our own end, which is no fault of the receiver's
    if (end.did === "delivered") this.#failing.delete(subscription.subscriptionId);
    else this.#failing.add(subscription.subscriptionId);
    metrics?.webhookAttempted(end.did === "again" ? "failed" : end.did);
    const fields = { subscription_id: subscription.subscriptionId, delivery_id: delivery.deliveryId, event_id: delivery.eventId };
    if (error !== null)
      logger.info({ ...fields, attempt: attempt.attempt, error, dead: end.did === "dead_lettered" }, "a webhook was not delivered");
    if (gone === true) await this.#disable(subscription);
    await store.deliveries.end(attempt, end);
  }

  /** Told before it is done: who dies in between tells it again, under the same id. */
  async #disable(subscription: Subscription): Promise<void> {
    const { store, log, clock } = this.#options;
    const { subscriptionId, updatedAt } = subscription;
    const event: OpenVibeEvent = {
      id: `${subscriptionId}:disabled:${updatedAt}`,
      type: "subscription.disabled",
      time: toIso(clock.now()),
      operatorId: null,
      workflowId: null,
      runId: null,
      nodeId: null,
      sequence: null,
      data: { subscription_id: subscriptionId, reason: GONE },
    };
    await log.append(event);
    await store.subscriptions.disable(subscriptionId, GONE);
  }
}

const GONE = "its receiver answered 410 Gone";
