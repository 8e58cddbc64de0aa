import { hash } from "node:crypto";
import { newToken, type OpenVibeEvent, toCloudEvent } from "@openvibe/core";
import type { NewDelivery } from "./deliveries.ts";

/** What may stand in `webhook-id`: no dot, which separates what is signed. */
const HEADER_ID = /^[A-Za-z0-9:_-]{1,200}$/;

/** An event as it is sent to one subscription. Its id is the same for every subscription, attempt and replica. */
export function toDelivery(event: OpenVibeEvent, subscriptionId: string): NewDelivery {
  const { type, operatorId, runId, sequence } = event;
  return {
    deliveryId: `dlv_${newToken()}`,
    subscriptionId,
    eventId: HEADER_ID.test(event.id) ? event.id : `event_${hash("sha256", event.id).slice(0, 32)}`,
    type,
    eventTime: Date.parse(event.time),
    operatorId,
    runId,
    sequence,
    body: JSON.stringify(toCloudEvent(event)),
  };
}
