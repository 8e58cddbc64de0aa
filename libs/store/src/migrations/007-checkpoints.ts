import type { Migration } from "./ddl.ts";

/** LangGraph checkpoints of the graphs that steps bring. A checkpoint holds what changed with it; the rest stands in its ancestors. */
export const checkpoints: Migration = {
  version: 7,
  statements: ({ table, id, calm, forgetWithRun }) => [
    `CREATE TABLE ${table("checkpoints")} (
      run_id ${id} NOT NULL,
      thread_id ${id} NOT NULL,
      namespace ${id} NOT NULL,
      checkpoint_id ${id} NOT NULL,
      parent_id ${id},
      checkpoint text NOT NULL,
      channels text NOT NULL,
      metadata text NOT NULL,
      PRIMARY KEY (run_id, thread_id, namespace, checkpoint_id)
    ) ${calm}`,
    `CREATE TABLE ${table("checkpoint_writes")} (
      run_id ${id} NOT NULL,
      thread_id ${id} NOT NULL,
      namespace ${id} NOT NULL,
      checkpoint_id ${id} NOT NULL,
      task_id ${id} NOT NULL,
      idx integer NOT NULL,
      task_path text NOT NULL,
      write text NOT NULL,
      PRIMARY KEY (run_id, thread_id, namespace, checkpoint_id, task_id, idx)
    ) ${calm}`,
    ...["checkpoints", "checkpoint_writes"].flatMap(forgetWithRun),
  ],
};
