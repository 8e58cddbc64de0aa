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
