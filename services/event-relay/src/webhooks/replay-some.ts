import { exactTypes, type NewDelivery, type Subscription, toDelivery, toWants } from "@openvibe/store";
import type { FanOutOptions } from "./fan-out.ts";

/** Events of one stretch: between two of them what has just happened gets its turn. */
const STRETCH = 5_000;
const BATCH = 200;

/**
 * Works through the next stretch of the log for somebody who wants the events of a time again. Over the whole log, since an event may lie far behind its
 * time: it is published late after an outage. Gives whether there was anything to do. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE
 */
export async function replaySome(
  { log, store }: Pick<FanOutOptions, "log" | "store">,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<boolean> {
  const { replay, subscriptionId } = subscription;
  if (replay === null) return false;
  const wants = toWants({ ...subscription, fromPosition: 0 });
  const types = exactTypes([subscription]);
  let batch: NewDelivery[] = [];
  let [after, events] = [replay.after, 0];
  for await (const { position, event } of log.read(replay.after, types === undefined ? {} : { types }, signal)) {
    const time = Date.parse(event.time);
    if (time >= replay.from && time <= replay.to && wants(event, position)) batch.push(toDelivery(event, subscriptionId));
    after = position;
    if (batch.length === BATCH) {
      await store.deliveries.add(batch, { again: true });
      batch = [];
    }
    if (++events === STRETCH) break;
  }
  if (signal.aborted) return false;
  await store.deliveries.add(batch, { again: true });
  await store.subscriptions.moveReplay(subscriptionId, replay, events === STRETCH ? after : null);
  return true;
}
