import type { Dialect } from "./dialect.ts";
import type { Statement } from "./statement.ts";

/** Before it stands everything: where a first page begins. */
export const LATEST = { at: 8.64e15, id: "" };

/** Pages of deliveries and attempts, newest first, each along the index that is made for it: $1 subscription, $2 and $3 where to begin, $4 limit, $5 the filter. */
export function toWebhookLists({ table }: Pick<Dialect, "table">): Readonly<Record<"deliveries" | "attempts", Statement>> {
  const list = (name: "deliveries" | "attempts", at: string, id: string, filtered: string) => ({
    name: `list_${name}`,
    text: `SELECT * FROM ${table(name)} WHERE subscription_id = $1 AND (${at}, ${id}) < (CAST($2 AS bigint), CAST($3 AS text))
      AND (CAST($5 AS text) IS NULL OR ${filtered} = CAST($5 AS text)) ORDER BY ${at} DESC, ${id} DESC LIMIT $4`,
  });
  return {
    deliveries: list("deliveries", "created_at", "delivery_id", "status"),
    attempts: list("attempts", "started_at", "attempt_id", "delivery_id"),
  };
}
