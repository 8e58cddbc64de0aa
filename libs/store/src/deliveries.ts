import type { OperatorId, RunId } from "@openvibe/core";

export const DELIVERY_STATUSES = ["pending", "delivered", "dead_lettered"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** An event for a subscription. There is one at most for each event and subscription, however often it is added. */
export interface NewDelivery {
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly type: string;
  /** Of the event; milliseconds since 1970. */
  readonly eventTime: number;
  readonly operatorId: OperatorId | null;
  readonly runId: RunId | null;
  readonly sequence: number | null;
  /** What is sent, byte for byte, each time. */
  readonly body: string;
}

export interface Delivery extends NewDelivery {
  readonly status: DeliveryStatus;
  /** Attempts in all. */
  readonly attempts: number;
  /** Attempts since it was last begun: what the pauses are counted by. */
  readonly tries: number;
  /** When the next attempt is due; `null` when there is none. */
  readonly nextAt: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** One attempt, as it went. */
export interface Attempt {
  readonly attemptId: string;
  readonly deliveryId: string;
  readonly subscriptionId: string;
  /** Counts a delivery's attempts, from 1. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly durationMs: number;
  /** `null` when no answer came. */
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly detail: string | null;
  /** The beginning of the answer's body. */
  readonly response: string | null;
}

/** How an attempt leaves its delivery: `again` is due after so many milliseconds. */
export type AttemptEnd =
  | { readonly did: "delivered" }
  | { readonly did: "dead_lettered" }
  | { readonly did: "again"; readonly afterMs: number };

/** Newest first; `before` is the last one of the page before. */
export interface WebhookPage {
  readonly limit: number;
  readonly before?: { readonly at: number; readonly id: string };
}

/** What has to be sent and what became of it. Any number of processes may take: a row is in the hands of one. @throws (all) OpenVibeError OV_STORE_UNAVAILABLE */
export interface DeliveryStore {
  /**
   * Adds what is not there yet; due at once. What belongs to a subscription that is disabled or gone is left out. With `again` what is there and has ended is
   * begun anew. Gives how many are due by this call.
   */
  add(deliveries: readonly NewDelivery[], options?: { readonly again?: boolean }): Promise<number>;
  /** Enabled subscriptions that have something due. */
  findDue(): Promise<readonly string[]>;
  /**
   * Takes due deliveries of one subscription and counts the attempt. Taken is for `leaseMs`: not ended by then, it is due again. `ordered`: of a run only
   * the first one that has not ended.
   */
  take(request: {
    readonly subscriptionId: string;
    readonly limit: number;
    readonly leaseMs: number;
    readonly ordered: boolean;
  }): Promise<readonly Delivery[]>;
  /** Ends an attempt, unless another one was begun meanwhile (`false`). */
  end(attempt: Attempt, end: AttemptEnd): Promise<boolean>;
  find(subscriptionId: string, deliveryId: string): Promise<Delivery | undefined>;
  /** Makes a delivery of any status due now, its pauses beginning anew. `undefined` when it is not there. */
  resend(subscriptionId: string, deliveryId: string): Promise<Delivery | undefined>;
  list(filter: { readonly subscriptionId: string; readonly status?: DeliveryStatus }, page: WebhookPage): Promise<readonly Delivery[]>;
  listAttempts(filter: { readonly subscriptionId: string; readonly deliveryId?: string }, page: WebhookPage): Promise<readonly Attempt[]>;
  /** Forgets what ended long ago: what was delivered after 8 days, a dead letter after 30. Gives how many, at most `limit`. */
  purge(limit: number): Promise<number>;
}
