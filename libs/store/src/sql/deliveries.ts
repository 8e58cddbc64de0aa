import type { Attempt, Delivery, DeliveryStatus, DeliveryStore, NewDelivery } from "../deliveries.ts";
import { LATEST, toWebhookLists } from "./delivery-lists.ts";
import { parseDelivery } from "./delivery-row.ts";
import type { StoreFaults } from "./faults.ts";
import type { Sql } from "./sql.ts";

const DAY_MS = 86_400_000;
/** Longer than any event log keeps the event: as long as a row stands, its event is not added again. */
const KEEP_DELIVERED_MS = 8 * DAY_MS;
const KEEP_DEAD_MS = 30 * DAY_MS;
/** What one statement is given. */
const MAX_ROWS = 200;
const MAX_CHARACTERS = 2_000_000;

const GIVEN = {
  delivery_id: "text",
  subscription_id: "text",
  event_id: "text",
  type: "text",
  event_time: "bigint",
  operator_id: "text",
  run_id: "text",
  sequence: "integer",
  body: "text",
} as const;

export function createDeliveryStore(sql: Sql, faults: StoreFaults): DeliveryStore {
  const { dialect } = sql;
  const { now, begun } = dialect;
  const deliveries = dialect.table("deliveries");
  const subscriptions = dialect.table("subscriptions");
  const attempts = dialect.table("attempts");
  const columns = Object.keys(GIVEN);
  const insert = `INSERT INTO ${deliveries} (${columns.join(", ")}, status, next_at, created_at)
    SELECT ${columns.map((column) => `given.${column}`).join(", ")}, 'pending', ${now}, ${now}
    FROM ${dialect.rowsOf("$1", GIVEN)} CROSS JOIN ${subscriptions} AS wanting
    WHERE wanting.subscription_id = given.subscription_id AND wanting.status <> 'disabled'
    ON CONFLICT (subscription_id, event_id)`;
  const add = { name: "add_deliveries", text: `${insert} DO NOTHING RETURNING delivery_id` };
  const addAgain = {
    name: "add_deliveries_again",
    text: `${insert} DO UPDATE SET status = 'pending', tries = 0, next_at = ${now}, ended_at = NULL
      WHERE deliveries.ended_at IS NOT NULL RETURNING delivery_id`,
  };
  const findDue = {
    name: "find_due_subscriptions",
    text: `SELECT wanting.subscription_id FROM ${subscriptions} AS wanting WHERE wanting.status = 'enabled' AND EXISTS
      (SELECT 1 FROM ${deliveries} AS due WHERE due.subscription_id = wanting.subscription_id AND due.next_at <= ${begun})`,
  };
  const taking = (condition: string) => `WITH picked AS (SELECT deliveries.delivery_id FROM ${deliveries}
      WHERE deliveries.subscription_id = $1 AND deliveries.next_at <= ${begun}${condition}
      ORDER BY deliveries.next_at, deliveries.sequence LIMIT $2 ${dialect.skipLockedOf("deliveries")})
    UPDATE ${deliveries} SET attempts = deliveries.attempts + 1, tries = deliveries.tries + 1, next_at = ${now} + CAST($3 AS bigint)
    WHERE deliveries.delivery_id IN (SELECT picked.delivery_id FROM picked) RETURNING *`;
  const take = { name: "take_deliveries", text: taking("") };
  const takeInOrder = {
    name: "take_deliveries_in_order",
    text: taking(` AND NOT EXISTS (SELECT 1 FROM ${deliveries} AS earlier WHERE earlier.subscription_id = deliveries.subscription_id
        AND earlier.run_id = deliveries.run_id AND earlier.sequence < deliveries.sequence AND earlier.next_at IS NOT NULL)`),
  };
  const end = {
    name: "end_delivery",
    text: `UPDATE ${deliveries} SET status = CAST($3 AS text), last_status = CAST($4 AS integer), last_error = CAST($5 AS text),
        next_at = ${now} + CAST($6 AS bigint), ended_at = CASE WHEN CAST($6 AS bigint) IS NULL THEN ${now} END
      WHERE delivery_id = $1 AND attempts = $2 AND status = 'pending' RETURNING delivery_id`,
  };
  const record = {
    name: "record_attempt",
    text: `INSERT INTO ${attempts} (attempt_id, delivery_id, subscription_id, attempt, started_at, duration_ms, status_code, error, detail, response)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
  };
  const find = { name: "find_delivery", text: `SELECT * FROM ${deliveries} WHERE delivery_id = $2 AND subscription_id = $1` };
  const resend = {
    name: "resend_delivery",
    text: `UPDATE ${deliveries} SET status = 'pending', tries = 0, next_at = ${now}, ended_at = NULL
      WHERE delivery_id = $2 AND subscription_id = $1 RETURNING *`,
  };
  const purgeOld = {
    name: "purge_deliveries",
    text: `DELETE FROM ${deliveries} WHERE delivery_id IN (SELECT old.delivery_id FROM ${deliveries} AS old
      WHERE old.status = $1 AND old.ended_at < ${begun} - CAST($2 AS bigint) ORDER BY old.ended_at LIMIT $3) RETURNING delivery_id`,
  };
  const purgeAttempts = {
    name: "purge_attempts",
    text: `DELETE FROM ${attempts} WHERE attempt_id IN (SELECT old.attempt_id FROM ${attempts} AS old
      WHERE old.started_at < ${begun} - ${KEEP_DEAD_MS} ORDER BY old.started_at LIMIT $1) RETURNING attempt_id`,
  };
  const lists = toWebhookLists(dialect);

  const one = async (statement: typeof find, subscriptionId: string, deliveryId: string): Promise<Delivery | undefined> => {
    const [row] = (await sql.ask(statement, [subscriptionId, deliveryId])).rows;
    return row === undefined ? undefined : parseDelivery(row);
  };
  return {
    async add(given, { again = false } = {}) {
      if (faults.noDeliveries === true) return given.length;
      let due = 0;
      for (const batch of inBatches(given)) due += (await sql.ask(again ? addAgain : add, [JSON.stringify(batch)])).rows.length;
      return due;
    },
    async findDue() {
      return (await sql.ask(findDue, [])).rows.map((row) => String(row.subscription_id));
    },
    async take({ subscriptionId, limit, leaseMs, ordered }) {
      const { rows } = await sql.ask(ordered ? takeInOrder : take, [subscriptionId, limit, leaseMs]);
      return rows.map(parseDelivery);
    },
    async end(attempt, ended) {
      const { attemptId, deliveryId, subscriptionId, startedAt, durationMs, statusCode, error, detail, response } = attempt;
      // Known before it counts: an attempt that is recorded twice is one.
      await sql.ask(record, [
        attemptId,
        deliveryId,
        subscriptionId,
        attempt.attempt,
        startedAt,
        durationMs,
        statusCode,
        error,
        detail,
        response,
      ]);
      const status: DeliveryStatus = ended.did === "again" ? "pending" : ended.did;
      const nextMs = ended.did === "again" ? ended.afterMs : null;
      const { rows, again } = await sql.ask(end, [deliveryId, attempt.attempt, status, statusCode, error, nextMs]);
      return rows.length > 0 || again;
    },
    find: (subscriptionId, deliveryId) => one(find, subscriptionId, deliveryId),
    resend: (subscriptionId, deliveryId) => one(resend, subscriptionId, deliveryId),
    async list({ subscriptionId, status }, { limit, before = LATEST }) {
      const values = [subscriptionId, before.at, before.id, limit, status ?? null];
      return (await sql.ask(lists.deliveries, values)).rows.map(parseDelivery);
    },
    async listAttempts({ subscriptionId, deliveryId }, { limit, before = LATEST }) {
      const values = [subscriptionId, before.at, before.id, limit, deliveryId ?? null];
      return (await sql.ask(lists.attempts, values)).rows.map(
        (row): Attempt => ({
          attemptId: String(row.attempt_id),
          deliveryId: String(row.delivery_id),
          subscriptionId: String(row.subscription_id),
          attempt: Number(row.attempt),
          startedAt: Number(row.started_at),
          durationMs: Number(row.duration_ms),
          statusCode: row.status_code as number | null,
          error: row.error as string | null,
          detail: row.detail as string | null,
          response: row.response as string | null,
        }),
      );
    },
    async purge(limit) {
      let left = limit;
      for (const [status, keepMs] of [
        ["delivered", KEEP_DELIVERED_MS],
        ["dead_lettered", KEEP_DEAD_MS],
      ] as const)
        left -= (await sql.ask(purgeOld, [status, keepMs, left])).rows.length;
      return limit - left + (await sql.ask(purgeAttempts, [limit])).rows.length;
    },
  };
}

function* inBatches(given: readonly NewDelivery[]): Generator<object[]> {
  let batch: object[] = [];
  let characters = 0;
  for (const { deliveryId, subscriptionId, eventId, type, eventTime, operatorId, runId, sequence, body } of given) {
    if (batch.length === MAX_ROWS || characters > MAX_CHARACTERS) {
      yield batch;
      batch = [];
      characters = 0;
    }
    characters += body.length;
    batch.push({
      delivery_id: deliveryId,
      subscription_id: subscriptionId,
      event_id: eventId,
      type,
      event_time: eventTime,
      operator_id: operatorId,
      run_id: runId,
      sequence,
      body,
    });
  }
  if (batch.length > 0) yield batch;
}
