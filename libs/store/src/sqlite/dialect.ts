import type { Columns, Dialect, Given } from "../sql/dialect.ts";

/** `now_ms()` is the clock of the store, registered with the connection. */
export const sqliteDialect: Dialect = {
  table: (name) => name,
  now: "now_ms()",
  begun: "now_ms()",
  // This process alone holds the store, and `workers` holds those of its owners that beat: everybody else is dead.
  heldInSilence: () => "NOT EXISTS (SELECT 1 FROM workers AS holder WHERE holder.owner = runs.owner)",
  // A row stands for its process from its first beat to its end, and opening the store removes what a killed one left.
  silentFor: () => "FALSE",
  skipLocked: "",
  skipLockedOf: () => "",
  rowsOf(parameter, columns) {
    const named = Object.keys(columns).map((column) => `json_extract(entry.value, '$.${column}') AS ${column}`);
    return `(SELECT ${named.join(", ")} FROM json_each(${parameter}) AS entry) AS given`;
  },
  setsListed: false,
  // Triggers do (store.ts).
  keepingTags: (insert) => insert,
  forgettingTags: "",
  forgetting: () => "",
  holding: "",
  given(columns: Columns): Given {
    const numbers = new Map(Object.keys(columns).map((column, index) => [column, index + 1]));
    return { of: (column) => `$${numbers.get(column)}`, from: "", join: "" };
  },
  // Within WITH there may be no UPDATE: https://sqlite.org/lang_with.html
  changeAndAdd: (update, into, columns, given) => ({
    text: `${update} RETURNING runs.run_id, runs.completed_at`,
    besides: `INSERT INTO ${into} (run_id, ${columns.join(", ")}) VALUES (${["run_id", ...columns].map(given.of).join(", ")}) ON CONFLICT DO NOTHING`,
  }),
};
