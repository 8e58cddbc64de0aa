import type { EventLog } from "@openvibe/bus";
import type { Logger } from "@openvibe/core";
import { exactTypes, type NewDelivery, type Store, type Subscription, toDelivery, toWants } from "@openvibe/store";
import { NO_DIGEST } from "../cursor.ts";
import { isLogLost, placeAt } from "../log-loss.ts";
import { LogPosition } from "../position/log-position.ts";
import { LOG_START, openForm } from "../position/position-form.ts";

export interface FanOutOptions {
  readonly log: EventLog;
  readonly store: Pick<Store, "subscriptions" | "deliveries" | "settings">;
  readonly logger: Logger;
}

/** Deliveries and events after which the position is raised. */
const BATCH_DELIVERIES = 200;
const BATCH_EVENTS = 2_000;

/**
 * From the event log to deliveries: each event once for every subscription that asks for it. Several relays may do it at once; what one adds the other
 * finds there. The position is raised after the rows are stored, so that a relay that dies in between leaves work that is done again, not work undone.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  readonly #position: LogPosition;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#position = new LogPosition({ settings: options.store.settings, form: openForm("event_log.position.webhooks") });
  }

  /** Works through what the log holds by now; gives how many deliveries that made. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE */
  async run(subscriptions: readonly Subscription[], signal: AbortSignal): Promise<number> {
    const wanting = subscriptions.filter(({ status }) => status !== "disabled");
    if (wanting.length === 0) return 0;
    const { log, store, logger } = this.#options;
    const { value: done } = await this.#position.read();
    const begins = wanting.map(({ fromPosition }) => fromPosition);
    // The newest subscription has seen an end of the log, too.
    const seen = { position: Math.max(...begins), digest: NO_DIGEST };
    if ((await isLogLost(log, done, signal)) || (seen.position > done.position && (await isLogLost(log, seen, signal)))) {
      logger.warn({ position: done.position }, "event log was lost: webhooks begin with what the new one holds");
      await store.subscriptions.beginAgain();
      await this.#position.moveTo(LOG_START);
      return await this.run(await store.subscriptions.list(), signal);
    }
    const { first, last } = await log.bounds();
    // What no subscription there is can ask for is passed over: most of the log, when the first one is made.
    const from = Math.max(done.position, Math.min(...begins));
    if (from < first - 1 && done.position > 0) logger.warn({ from, first }, "event log forgot events before webhooks were made of them");
    if (from >= last) return 0;
    return await this.#read(from, last, wanting, signal);
  }

  async #read(from: number, last: number, wanting: readonly Subscription[], signal: AbortSignal): Promise<number> {
    const { log, store } = this.#options;
    const asked = wanting.map((subscription) => ({ id: subscription.subscriptionId, wants: toWants(subscription) }));
    const types = exactTypes(wanting);
    let batch: NewDelivery[] = [];
    let [made, events] = [0, 0];
    for await (const { position, event } of log.read(from, types === undefined ? {} : { types }, signal)) {
      for (const { id, wants } of asked) if (wants(event, position)) batch.push(toDelivery(event, id));
      if (++events % BATCH_EVENTS !== 0 && batch.length < BATCH_DELIVERIES) continue;
      made += await store.deliveries.add(batch);
      batch = [];
      if (!(await this.#position.moveTo(await placeAt(log, position)))) return made; // another relay was there, too: on from where it is
    }
    made += await store.deliveries.add(batch);
    if (!signal.aborted) await this.#position.moveTo(await placeAt(log, last));
    return made;
  }
}
