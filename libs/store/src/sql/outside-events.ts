import type { OutsideEventStore } from "../outside-events.ts";
import type { Sql } from "./sql.ts";
import { overRows } from "./statement.ts";

/** Statements over rows name what they are about `run_id`; here it is an event's id. */
export function createOutsideEventStore(sql: Sql): OutsideEventStore {
  const { dialect } = sql;
  const table = dialect.table("outside_events");
  const known = sql.grouped(
    overRows(
      dialect,
      "known_outside_events",
      { run_id: "text" },
      (given) =>
        `SELECT outside_events.event_id AS run_id FROM ${table}${given.join} WHERE outside_events.event_id = ${given.of("run_id")}`,
    ),
    { patience: "caller", shared: true },
  );
  const record = sql.grouped(
    overRows(
      dialect,
      "record_outside_events",
      { run_id: "text" },
      (given) =>
        `INSERT INTO ${table} (event_id, stored_at) SELECT ${given.of("run_id")}, ${dialect.now} ${given.from} WHERE true
          ON CONFLICT DO NOTHING RETURNING event_id AS run_id`,
    ),
    { patience: "caller" },
  );
  return {
    async known(ids) {
      const answers = await Promise.all(ids.map((id) => known({ run_id: id })));
      return new Set(ids.filter((_, index) => answers[index]?.row !== undefined));
    },
    async record(ids) {
      await Promise.all([...new Set(ids)].map((id) => record({ run_id: id })));
    },
  };
}
