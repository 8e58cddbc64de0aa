import type { EventDataStore } from "../event-data.ts";
import type { Sql } from "./sql.ts";

export function createEventDataStore(sql: Sql): EventDataStore {
  const table = sql.dialect.table("event_data");
  const put = {
    name: "put_event_data",
    text: `INSERT INTO ${table} (operator_id, run_id, sequence, data, stored_at) VALUES ($1, $2, $3, $4, ${sql.dialect.now})
      ON CONFLICT (run_id, sequence) DO UPDATE SET stored_at = excluded.stored_at`,
  };
  const find = {
    name: "find_event_data",
    text: `SELECT data FROM ${table} WHERE run_id = $1 AND sequence = $2 AND operator_id = $3`,
  };

  return {
    async put({ operatorId, runId, sequence }, data) {
      await sql.ask(put, [operatorId, runId, sequence, data]);
    },
    async find({ operatorId, runId, sequence }) {
      return (await sql.ask(find, [runId, sequence, operatorId])).rows[0]?.data as string | undefined;
    },
  };
}
