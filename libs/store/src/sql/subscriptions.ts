import type { Replay, Subscription, SubscriptionStatus, SubscriptionStore } from "../subscriptions.ts";
import type { Sql } from "./sql.ts";
import type { Row } from "./statement.ts";

const COLUMNS = [
  ...["subscription_id", "url", "types", "operators", "description", "ordered", "status", "reason", "secret", "from_position", "replay"],
  ...["created_at", "updated_at"],
].join(", ");

export function createSubscriptionStore(sql: Sql): SubscriptionStore {
  const { table, now } = sql.dialect;
  const subscriptions = table("subscriptions");
  const shown = `${COLUMNS}, CASE WHEN previous_until > ${now} THEN previous_secret END AS previous_secret`;
  const add = {
    name: "add_subscription",
    text: `INSERT INTO ${subscriptions} (subscription_id, url, types, operators, description, ordered, status, secret, from_position, created_at, updated_at)
      SELECT $1, $2, $3, CAST($4 AS text), CAST($5 AS text), CAST($6 AS integer), 'enabled', $7, CAST($8 AS bigint), ${now}, ${now}
      WHERE (SELECT count(*) FROM ${subscriptions}) < CAST($9 AS integer) ON CONFLICT DO NOTHING RETURNING subscription_id`,
  };
  const find = { name: "find_subscription", text: `SELECT ${shown} FROM ${subscriptions} WHERE subscription_id = $1` };
  const list = { name: "list_subscriptions", text: `SELECT ${shown} FROM ${subscriptions} ORDER BY created_at, subscription_id` };
  const change = {
    name: "change_subscription",
    text: `UPDATE ${subscriptions} SET status = coalesce(CAST($2 AS text), status), url = coalesce(CAST($3 AS text), url),
        types = coalesce(CAST($4 AS text), types), description = coalesce(CAST($5 AS text), description),
        reason = CASE WHEN CAST($2 AS text) IS NULL THEN reason END, updated_at = ${now}
      WHERE subscription_id = $1 RETURNING ${shown}`,
  };
  // Asked again after a lost answer it must not take the new secret for the one before.
  const rotate = {
    name: "rotate_subscription",
    text: `UPDATE ${subscriptions} SET previous_secret = CASE WHEN secret = $2 THEN previous_secret ELSE secret END, secret = $2,
        previous_until = ${now} + CAST($3 AS bigint), updated_at = ${now}
      WHERE subscription_id = $1 RETURNING ${shown}`,
  };
  const replay = {
    name: "replay_subscription",
    text: `UPDATE ${subscriptions} SET replay = $2, updated_at = ${now} WHERE subscription_id = $1 RETURNING ${shown}`,
  };
  const moveReplay = {
    name: "move_replay",
    text: `UPDATE ${subscriptions} SET replay = CAST($3 AS text) WHERE subscription_id = $1 AND replay = $2 RETURNING subscription_id`,
  };
  const disable = {
    name: "disable_subscription",
    text: `UPDATE ${subscriptions} SET status = 'disabled', reason = $2, updated_at = ${now}
      WHERE subscription_id = $1 AND status <> 'disabled' RETURNING subscription_id`,
  };
  const removals = ["subscriptions", "deliveries", "attempts"].map((name) => ({
    name: `remove_${name}`,
    text: `DELETE FROM ${table(name)} WHERE subscription_id = $1${name === "subscriptions" ? " RETURNING subscription_id" : ""}`,
  }));
  const beginAgain = { name: "subscriptions_begin_again", text: `UPDATE ${subscriptions} SET from_position = 0` };

  const first = (rows: readonly Row[]) => (rows[0] === undefined ? undefined : parseSubscription(rows[0]));
  return {
    async add({ subscriptionId, url, types, operators, description, ordered, secret, fromPosition }, limit) {
      const listed = [JSON.stringify(types), operators === null ? null : JSON.stringify(operators)] as const;
      const values = [subscriptionId, url, ...listed, description, ordered ? 1 : 0, secret, fromPosition, limit];
      const { rows, again } = await sql.ask(add, values);
      // After a lost answer it may stand there already.
      return rows.length > 0 || (again && (await sql.ask(find, [subscriptionId])).rows.length > 0);
    },
    async list() {
      return (await sql.ask(list, [])).rows.map(parseSubscription);
    },
    async find(subscriptionId) {
      return first((await sql.ask(find, [subscriptionId])).rows);
    },
    async change(subscriptionId, { status = null, url = null, types, description = null }) {
      const values = [subscriptionId, status, url, types === undefined ? null : JSON.stringify(types), description];
      return first((await sql.ask(change, values)).rows);
    },
    async rotate(subscriptionId, secret, keepMs) {
      return first((await sql.ask(rotate, [subscriptionId, secret, keepMs])).rows);
    },
    async replay(subscriptionId, { from, to }) {
      return first((await sql.ask(replay, [subscriptionId, toReplayText({ from, to, after: 0 })])).rows);
    },
    async moveReplay(subscriptionId, before, after) {
      const text = after === null ? null : toReplayText({ ...before, after });
      const { rows, again } = await sql.ask(moveReplay, [subscriptionId, toReplayText(before), text]);
      return rows.length > 0 || again;
    },
    async disable(subscriptionId, reason) {
      return (await sql.ask(disable, [subscriptionId, reason])).rows.length > 0;
    },
    async remove(subscriptionId) {
      let found = false;
      // Itself first: from then on nothing is added.
      for (const removal of removals) {
        const { rows, again } = await sql.ask(removal, [subscriptionId]);
        found ||= rows.length > 0 || again;
      }
      return found;
    },
    async beginAgain() {
      await sql.ask(beginAgain, []);
    },
  };
}

function toReplayText({ from, to, after }: Replay): string {
  return JSON.stringify({ from, to, after });
}

function parseSubscription(row: Row): Subscription {
  return {
    subscriptionId: String(row.subscription_id),
    url: String(row.url),
    types: JSON.parse(String(row.types)) as string[],
    operators: row.operators === null ? null : (JSON.parse(String(row.operators)) as string[]),
    description: row.description as string | null,
    ordered: row.ordered === 1,
    status: row.status as SubscriptionStatus,
    reason: row.reason as string | null,
    secret: String(row.secret),
    previousSecret: row.previous_secret as string | null,
    fromPosition: Number(row.from_position),
    replay: row.replay === null ? null : (JSON.parse(String(row.replay)) as Replay),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}
