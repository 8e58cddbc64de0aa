import { isOpenVibeError } from "@openvibe/core";
import type { Sql } from "../sql/sql.ts";
import type { WorkerStore } from "../workers.ts";

/** Nobody else can hold the store, so a beat is only the word that this owner lives: it is in `workers` until it is disposed. */
export function createWorkerStore(sql: Sql): WorkerStore {
  const { now } = sql.dialect;
  const begin = {
    name: "begin_beat",
    text: `INSERT INTO workers (owner, beat_at, steady_since) VALUES ($1, ${now}, ${now}) ON CONFLICT DO NOTHING`,
  };
  const end = { name: "end_beat", text: "DELETE FROM workers WHERE owner = $1" };

  return {
    async beat({ owner }) {
      await sql.ask(begin, [owner]);
      return {
        async [Symbol.asyncDispose]() {
          try {
            await sql.ask(end, [owner]);
          } catch (error) {
            // Closed before: the next opening forgets everybody.
            if (!isOpenVibeError(error, "OV_STORE_UNAVAILABLE")) throw error;
          }
        },
      };
    },
  };
}
