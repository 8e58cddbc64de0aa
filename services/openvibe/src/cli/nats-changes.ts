import type { JsonObject, JsonValue } from "@openvibe/core";
import { type Action, type BrokerPlan, type FieldDifference, refusal, shownValue } from "@openvibe/nats";
import { print } from "./print.ts";

/** How many streams and consumers are, or would be, created and updated. */
export function countActions({ streams, consumers }: BrokerPlan): Readonly<Record<Action, number>> {
  const counts = { create: 0, update: 0, keep: 0, refuse: 0 };
  for (const { action } of [...streams, ...consumers]) counts[action]++;
  return counts;
}

/** A plan as a diff for people: what it is, and below it each field from what is there to what is declared. */
export function printChanges({ streams, consumers }: BrokerPlan): void {
  for (const plan of streams) {
    printItem(`stream ${plan.stream}`, plan);
    for (const { field, found, wanted } of plan.surplus)
      print(
        `refused  stream ${plan.stream} keeps ${field} ${shownValue(field, found)}, declared is ${shownValue(field, wanted)}: narrowing it takes --force`,
      );
  }
  for (const plan of consumers) printItem(`consumer ${plan.consumer}`, plan);
}

function printItem(
  name: string,
  { action, differences }: { readonly action: Action; readonly differences: readonly FieldDifference[] },
): void {
  print(action === "refuse" ? `refused  ${name}: ${refusal({ differences })}` : `${action.padEnd(7)}  ${name}`);
  if (action !== "update") return;
  for (const { field, found, wanted } of differences)
    print(`         ${field}: ${shownValue(field, found)} -> ${shownValue(field, wanted)}`);
}

/** The same for programs. */
export function toPlanBody(plan: BrokerPlan): JsonObject {
  const { create, update, refuse } = countActions(plan);
  return {
    create,
    update,
    refuse,
    streams: plan.streams.map(({ stream, action, differences, surplus }) => ({
      stream,
      action,
      changes: differences.map(toChangeBody),
      kept: surplus.map(toChangeBody),
    })),
    consumers: plan.consumers.map(({ consumer, operatorId, action, differences }) => ({
      consumer,
      operator_id: operatorId,
      action,
      changes: differences.map(toChangeBody),
    })),
  };
}

function toChangeBody({ field, found, wanted }: FieldDifference): JsonObject {
  return { field, found: (found ?? null) as JsonValue, wanted: wanted as JsonValue };
}
