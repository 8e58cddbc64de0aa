import { openScheduler } from "@openvibe/composition";
import { type Clock, type OperatorDefinition, silentLogger } from "@openvibe/core";
import type { Acceptor } from "@openvibe/runtime";
import { createSlots, listScheduled } from "@openvibe/scheduler";
import { startSlotBy } from "@openvibe/scheduler-service";
import type { Store } from "@openvibe/store";

/** The slots of the `cron:` triggers under test. They begin when the kit opens, and come when time is skipped, never by themselves. */
export interface TestSlots extends AsyncDisposable {
  /** The first one that is not looked at yet; `undefined` where nothing goes by the clock. */
  nextDue(): number | undefined;
  /** Starts what is due. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  look(): Promise<void>;
}

export interface TestSlotsOptions {
  readonly store: Store;
  readonly acceptor: Pick<Acceptor, "accept">;
  readonly clock: Clock;
  /** Already registered. */
  readonly definitions: readonly OperatorDefinition[];
}

export async function openTestSlots({ store, acceptor, clock, definitions }: TestSlotsOptions): Promise<TestSlots> {
  const times = listScheduled(definitions.map(({ manifest }) => manifest)).map(createSlots);
  const kind = times.length === 0 ? "none" : "cron";
  const silent = { logger: silentLogger, observer: { slotsPassed() {} } };
  const scheduler = await openScheduler(kind, { store, start: startSlotBy(acceptor), clock, ...silent });
  let lookedAt = 0;
  const slots: TestSlots = {
    nextDue() {
      const next = times.flatMap((each) => each.after(lookedAt) ?? []);
      return next.length === 0 ? undefined : Math.min(...next);
    },
    async look() {
      const now = clock.now();
      await scheduler.look();
      lookedAt = now;
    },
    [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
  };
  await slots.look();
  return slots;
}
