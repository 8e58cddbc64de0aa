import { type OpenVibeEvent, toTypeMatcher } from "@openvibe/core";
import type { Subscription } from "./subscriptions.ts";

/** Whether an event at a position of the log is one that a subscription asks for. */
export type Wants = (event: Pick<OpenVibeEvent, "type" | "operatorId">, position: number) => boolean;

export function toWants({ types, operators, fromPosition }: Pick<Subscription, "types" | "operators" | "fromPosition">): Wants {
  const matches = toTypeMatcher(types);
  return ({ type, operatorId }, position) =>
    position > fromPosition && (operators === null || (operatorId !== null && operators.includes(operatorId))) && matches(type);
}

/** More would make a filter that costs the log more than it saves. */
const MOST_EXACT = 32;

/** The exact types that several subscriptions ask for together; `undefined` where one asks by a prefix, or where there are many. */
export function exactTypes(subscriptions: readonly Pick<Subscription, "types">[]): readonly string[] | undefined {
  const all = [...new Set(subscriptions.flatMap(({ types }) => types))];
  return all.length > MOST_EXACT || all.some((type) => type.endsWith("*")) ? undefined : all;
}
