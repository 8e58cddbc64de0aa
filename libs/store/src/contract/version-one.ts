import { tables } from "../migrations/001-tables.ts";
import type { Ddl } from "../migrations/ddl.ts";

/** The tables as the first version made them, with a run that it had ended. */
export function versionOne(ddl: Omit<Ddl, "generated" | "dropExpression" | "keepTags" | "forgetWithRun">): readonly string[] {
  return [
    ...tables.statements({ ...ddl, generated: "", dropExpression: () => [], keepTags: () => [], forgetWithRun: () => [] }),
    `INSERT INTO ${ddl.table("runs")} (run_id, operator_id, workflow_id, trigger_id, definition, created_at, queued_at, sweep_at, completed_at, status, input, events)
      VALUES ('run_old', 'revenue_ops', 'w', 't', 'v', 1700000000000, 0, 0, 1700000000001, 'failed', '{"n":1}', '[]')`,
  ];
}
