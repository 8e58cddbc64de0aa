import type { Bus } from "@openvibe/bus";
import { type Clock, newToken, toIso, WakeKind } from "@openvibe/core";
import type { Store } from "@openvibe/store";

export interface WakeByEventDeps {
  readonly store: Pick<Store, "runs" | "eventWaits">;
  readonly bus: Pick<Bus, "queue">;
  readonly clock: Clock;
}

/**
 * Wakes runs for which enough events have arrived, at most `limit` (DESIGN §6 rule 2, kind `event`); gives how many it woke. Of an event and the timeout, and of
 * any number of callers, one wins. What is lost between a wake-up's commit and its message is said again by the sweep.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE
 */
export async function wakeByEvent({ store, bus, clock }: WakeByEventDeps, limit: number): Promise<number> {
  const ready = await store.eventWaits.findReady(limit);
  const woken = await Promise.all(
    ready.map(async ({ runId, operatorId, wake }) => {
      const event = { type: "run.resumed", time: toIso(clock.now()), data: { kind: WakeKind.Event } };
      const won = await store.runs.wake({ runId, seen: wake, kind: WakeKind.Event, body: null, wakeId: newToken(), event });
      if (won) await bus.queue.publish({ operatorId, runId, kind: WakeKind.Event, wake: wake + 1 });
      return won;
    }),
  );
  return woken.filter((won) => won).length;
}
