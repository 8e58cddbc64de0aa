import type { Bus } from "../bus.ts";

/** A sibling as the contract sees it. */
export interface BusUnderTest {
  readonly name: string;
  readonly features: {
    /** Queue, requests and signals reach other connections of the same world, and wake-ups outlive the one that published them. */
    readonly shared: boolean;
  };
  /** A place that outlives a bus (a broker, a database). */
  openWorld(): Promise<World>;
}

export interface World extends AsyncDisposable {
  /** Another connection to the same place. */
  open(options?: { readonly holdMs?: number }): Promise<Bus>;
}

export interface BucketsUnderTest extends BusUnderTest {
  openWorld(): Promise<BucketsWorld>;
}

export interface BucketsWorld extends World {
  /** Loses a bucket with all that it knew. Where buses share nothing, a bus that is open does not notice: the next one has none. */
  loseBucket(name: string): Promise<void>;
}

/** A world and one bus in it. */
export async function openBus(
  under: BusUnderTest,
  options?: { readonly holdMs?: number },
): Promise<{ bus: Bus; world: World } & AsyncDisposable> {
  const world = await under.openWorld();
  const bus = await world.open(options);
  return {
    bus,
    world,
    [Symbol.asyncDispose]: async () => {
      await bus[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}
