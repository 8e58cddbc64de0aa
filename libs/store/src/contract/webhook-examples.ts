import { newToken } from "@openvibe/core";
import type { Attempt, Delivery, NewDelivery } from "../deliveries.ts";
import type { Store } from "../store.ts";
import type { NewSubscription } from "../subscriptions.ts";

export function aNewSubscription(given: Partial<NewSubscription> = {}): NewSubscription {
  return {
    subscriptionId: `sub_${newToken()}`,
    url: "https://hooks.example.com/openvibe",
    types: ["run.*", "lead.qualified"],
    operators: null,
    description: "Zoë's CRM",
    ordered: false,
    secret: "whsec_first",
    fromPosition: 3_000_000_000,
    ...given,
  };
}

export async function aSubscription(store: Store, given: Partial<NewSubscription> = {}): Promise<string> {
  const subscription = aNewSubscription(given);
  await store.subscriptions.add(subscription, 1_000);
  return subscription.subscriptionId;
}

export function aNewDelivery(subscriptionId: string, given: Partial<NewDelivery> = {}): NewDelivery {
  return {
    deliveryId: `dlv_${newToken()}`,
    subscriptionId,
    eventId: `event_${newToken()}`,
    type: "lead.qualified",
    eventTime: 1_764_000_000_000,
    operatorId: "sales",
    runId: null,
    sequence: null,
    body: JSON.stringify({ text: "Zoë \u0000 \ud83d", quote: '"' }),
    ...given,
  };
}

export function anAttempt({ deliveryId, subscriptionId, attempts }: Delivery, given: Partial<Attempt> = {}): Attempt {
  return {
    attemptId: `${deliveryId}-${attempts}`,
    deliveryId,
    subscriptionId,
    attempt: attempts,
    startedAt: Date.now(),
    durationMs: 12,
    statusCode: 500,
    error: "http_500",
    detail: null,
    response: "oops",
    ...given,
  };
}
