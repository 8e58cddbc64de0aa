import type { OperatorId } from "@openvibe/core";

/** `paused` by somebody: what it misses waits. `disabled` by its receiver (410): it misses what happens. */
export type SubscriptionStatus = "enabled" | "paused" | "disabled";

/** Milliseconds since 1970, both included. */
export interface Replay {
  readonly from: number;
  readonly to: number;
  readonly after: number;
}

/** Somebody's wish to be sent events. */
export interface Subscription {
  readonly subscriptionId: string;
  readonly url: string;
  /** Patterns of event types, any of them. */
  readonly types: readonly string[];
  /** Events of these operators only; `null`: of all. */
  readonly operators: readonly OperatorId[] | null;
  readonly description: string | null;
  /** One delivery at a time per run, in the order of its events. */
  readonly ordered: boolean;
  readonly status: SubscriptionStatus;
  /** Why it is disabled. */
  readonly reason: string | null;
  readonly secret: string;
  /** The secret before, as long as it signs as well. */
  readonly previousSecret: string | null;
  /** Position in the event log after which its events begin. */
  readonly fromPosition: number;
  /** Events of this time are sent again, as far as the log is worked through for it: up to the position `after`. */
  readonly replay: Replay | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewSubscription = Pick<
  Subscription,
  "subscriptionId" | "url" | "types" | "operators" | "description" | "ordered" | "secret" | "fromPosition"
>;

/** What somebody may change; absent stays. */
export interface SubscriptionChange {
  readonly status?: Exclude<SubscriptionStatus, "disabled">;
  readonly url?: string;
  readonly types?: readonly string[];
  readonly description?: string;
}

/** Who wants which events. @throws (all) OpenVibeError OV_STORE_UNAVAILABLE */
export interface SubscriptionStore {
  /** `false` when there are as many as `limit`, about. */
  add(subscription: NewSubscription, limit: number): Promise<boolean>;
  /** All of them, oldest first. */
  list(): Promise<readonly Subscription[]>;
  find(subscriptionId: string): Promise<Subscription | undefined>;
  /** Gives it as it is then; `undefined` when it is not there. */
  change(subscriptionId: string, change: SubscriptionChange): Promise<Subscription | undefined>;
  /** From now on `secret` signs, and beside it the present one for so long. */
  rotate(subscriptionId: string, secret: string, keepMs: number): Promise<Subscription | undefined>;
  /** Asks that the events of a time be sent again; in the place of one that is under way. */
  replay(subscriptionId: string, range: Pick<Replay, "from" | "to">): Promise<Subscription | undefined>;
  /** Says that the log was worked through from one position to another, `null`: to its end. `false` when somebody else did, or asked for another one. */
  moveReplay(subscriptionId: string, replay: Replay, after: number | null): Promise<boolean>;
  /** `true` for the one caller who did it. */
  disable(subscriptionId: string, reason: string): Promise<boolean>;
  /** With its deliveries and their attempts. `false` when it is not there. */
  remove(subscriptionId: string): Promise<boolean>;
  /** The event log is another one: positions begin anew, and everything in it is new to all. */
  beginAgain(): Promise<void>;
}
