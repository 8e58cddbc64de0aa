import type { Delivery, DeliveryStatus } from "../deliveries.ts";
import type { Row } from "./statement.ts";

export function parseDelivery(row: Row): Delivery {
  return {
    deliveryId: String(row.delivery_id),
    subscriptionId: String(row.subscription_id),
    eventId: String(row.event_id),
    type: String(row.type),
    eventTime: Number(row.event_time),
    operatorId: row.operator_id as string | null,
    runId: row.run_id as string | null,
    sequence: row.sequence as number | null,
    body: String(row.body),
    status: row.status as DeliveryStatus,
    attempts: Number(row.attempts),
    tries: Number(row.tries),
    nextAt: row.next_at as number | null,
    lastStatus: row.last_status as number | null,
    lastError: row.last_error as string | null,
    createdAt: Number(row.created_at),
    endedAt: row.ended_at as number | null,
  };
}
