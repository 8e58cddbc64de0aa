import { silentLogger } from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { median } from "../statistics.ts";
import type { Surroundings } from "../systems/system.ts";
import { renderTable } from "../table.ts";
import { claim, insert, OPERATIONS, OWNER } from "./operations.ts";
import { KINDS } from "./stores.ts";

const FEW = 1_000;
const MANY = 100_000;
const AT_MOST = 1.3;
const IN_FLIGHT = { queued: 60, running: 40 };
const CALLS_A_TURN = 10;
const WARM_UP_TURNS = 5;

export interface Grown {
  readonly store: string;
  readonly operation: string;
  readonly fewMs: number;
  readonly manyMs: number;
  /** The median over the turns of what a turn with many runs took against the one with few beside it. */
  readonly ratio: number;
  readonly reached: boolean;
}

/** What a store's work costs with 100,000 runs in it, against 1,000; in the same minute, turn by turn, so that the machine's moods fall on both. */
export async function grow(surroundings: Surroundings, turns: number, signal: AbortSignal): Promise<readonly Grown[]> {
  const results: Grown[] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    const open = kind(surroundings);
    await using few = await open(FEW);
    await using many = await open(MANY);
    await using _beats = await beginBeating([few.store, many.store]);
    for (const [operation, call] of Object.entries(OPERATIONS)) {
      const seen: { readonly few: number; readonly many: number }[] = [];
      for (let turn = -WARM_UP_TURNS; turn < turns; turn++) {
        signal.throwIfAborted();
        const first = turn % 2 === 0 ? await takeTurn(call, few.store) : undefined;
        const ofMany = await takeTurn(call, many.store);
        const ofFew = first ?? (await takeTurn(call, few.store));
        if (turn >= 0) seen.push({ few: ofFew, many: ofMany });
      }
      const ratio = median(seen.map((turn) => turn.many / turn.few));
      const fewMs = median(seen.map((turn) => turn.few));
      results.push({ store: name, operation, fewMs, manyMs: median(seen.map((turn) => turn.many)), ratio, reached: ratio <= AT_MOST });
    }
  }
  return results;
}

export function toGrowthTable(results: readonly Grown[]): string {
  const lines = results.map(({ store, operation, fewMs, manyMs, ratio, reached }) => [
    `${store}: ${operation}`,
    fewMs.toFixed(3),
    manyMs.toFixed(3),
    `${ratio.toFixed(2)}x (<= ${AT_MOST}) ${reached ? "ok" : "MISSED"}`,
  ]);
  return renderTable([["median ms of a call", `${FEW} runs`, `${MANY} runs`, "ratio"], ...lines]);
}

/** The middle call of some, which one slow call does not change. */
async function takeTurn(call: (store: Store) => Promise<number>, store: Store): Promise<number> {
  const calls: number[] = [];
  for (let index = 0; index < CALLS_A_TURN; index++) calls.push(await call(store));
  return median(calls);
}

/** A live worker with runs in its hands, and some that wait for it. */
async function beginBeating(stores: readonly Store[]): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  for (const store of stores) {
    stack.use(await store.workers.beat({ owner: OWNER, logger: silentLogger }));
    for (let n = 0; n < IN_FLIGHT.queued; n++) await insert(store);
    for (let n = 0; n < IN_FLIGHT.running; n++) await claim(store, await insert(store));
  }
  return stack;
}
