import type { StreamConfig } from "@nats-io/jetstream";
import type { OperatorId } from "@openvibe/core";
import { differences, type FieldDifference, surplus, toText } from "./difference.ts";
import type { StreamWish } from "./streams.ts";

/** What applying does, or would do, with one stream. */
export interface StreamPlan {
  readonly stream: string;
  readonly action: Action;
  /** What a change changes; of a stream that is refused, why. */
  readonly differences: readonly FieldDifference[];
  /** Where it has more than is declared. Without force that stays, and `action` does not count it. */
  readonly surplus: readonly FieldDifference[];
}

/** The same for an operator's consumer, which knows no more or less. */
export interface ConsumerPlan {
  readonly consumer: string;
  readonly operatorId: OperatorId;
  readonly action: Action;
  readonly differences: readonly FieldDifference[];
}

export interface BrokerPlan {
  readonly streams: readonly StreamPlan[];
  readonly consumers: readonly ConsumerPlan[];
}

export type Action = "create" | "update" | "keep" | "refuse";

export function planStream(wish: StreamWish, found: StreamConfig | undefined, { force = false } = {}): StreamPlan {
  if (found === undefined) return { stream: wish.name, action: "create", differences: [], surplus: [] };
  const [less, more] = [differences(wish, found), surplus(wish, found)];
  const stream = { stream: wish.name, differences: force ? [...less, ...more] : less, surplus: force ? [] : more };
  if (less.some(({ changeable, narrows }) => !changeable || (narrows && !force))) return { ...stream, action: "refuse" };
  return { ...stream, action: stream.differences.length === 0 ? "keep" : "update" };
}

/** Why a stream or consumer is refused, in one line. */
export function refusal({ differences: list }: Pick<StreamPlan, "differences">): string {
  const fixed = list.some(({ changeable }) => !changeable);
  return `${toText(list)} (${fixed ? "no server changes that on what exists: rename or remove it yourself" : "that would narrow it: only --force does"})`;
}
