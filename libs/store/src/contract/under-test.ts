import type { OperatorId, OwnerId, RunId } from "@openvibe/core";
import type { Store } from "../store.ts";

/** A store on a database of its own, and what a test must be able to do to it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  /** Lets time pass by the clock that judges runs. */
  advance(ms: number): Promise<void>;
  /** Every version of an operator that it holds, in order. */
  versions(operatorId: OperatorId): Promise<readonly string[]>;
  /** How many characters a run's row holds in all. */
  charactersOf(runId: RunId): Promise<number>;
  /** A process that lives, and has beaten long enough to judge others. Ends with the store at the latest. */
  live(owner: OwnerId): Promise<void>;
  /** A process that was killed: it has beaten once and will not again. */
  die(owner: OwnerId): Promise<void>;
}

export interface StoreContract {
  readonly name: string;
  readonly features: {
    /** Several processes hold it at once. */
    readonly shared: boolean;
    /** It outlives the process. */
    readonly durable: boolean;
  };
  /** On an empty database. */
  open(): Promise<StoreUnderTest>;
  /** On the database of another one: beside it where it is shared, after its end where it is durable only. */
  openSecond?(first: StoreUnderTest): Promise<StoreUnderTest>;
}
