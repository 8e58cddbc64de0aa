import type { RunId } from "@openvibe/core";
import type { CheckpointPlace, CheckpointStore, StoredCheckpoint, StoredWrite } from "../checkpoints.ts";
import type { StoreFaults } from "./faults.ts";
import type { Sql } from "./sql.ts";
import type { Row, Statement } from "./statement.ts";

export function createCheckpointStore(sql: Sql, faults: StoreFaults): CheckpointStore {
  const { dialect } = sql;
  const checkpoints = dialect.table("checkpoints");
  const writes = dialect.table("checkpoint_writes");
  const attempt = faults.noAttemptCheck === true ? "CAST($2 AS integer) IS NOT NULL" : "runs.attempt = $2";
  const owned = (beside = "") =>
    `FROM ${beside}${dialect.table("runs")} WHERE runs.run_id = $1 AND ${attempt} AND runs.status = 'running' ${dialect.holding}`;

  const put: Statement = {
    name: "put_checkpoint",
    text: `INSERT INTO ${checkpoints} (run_id, thread_id, namespace, checkpoint_id, parent_id, checkpoint, channels, metadata)
      SELECT runs.run_id, ${texts(3, 7)} ${owned()}
      ON CONFLICT (run_id, thread_id, namespace, checkpoint_id) DO UPDATE SET parent_id = excluded.parent_id, checkpoint = excluded.checkpoint,
        channels = excluded.channels, metadata = excluded.metadata
      RETURNING checkpoint_id`,
  };

  const ofPlace = (table: string) => `FROM ${table} WHERE run_id = $1 AND (CAST($2 AS text) IS NULL OR thread_id = $2)
    AND (CAST($3 AS text) IS NULL OR namespace = $3)`;
  const list: Statement = {
    name: "list_checkpoints",
    text: `SELECT thread_id, namespace, checkpoint_id, parent_id, checkpoint, channels, metadata ${ofPlace(checkpoints)} ORDER BY checkpoint_id DESC`,
  };
  const listWrites: Statement = {
    name: "list_checkpoint_writes",
    text: `SELECT thread_id, namespace, checkpoint_id, task_id, idx, task_path, write ${ofPlace(writes)}`,
  };
  const forget = [writes, checkpoints].map((table, index) => ({
    name: `forget_thread_${index}`,
    text: `DELETE FROM ${table} WHERE run_id = $1 AND thread_id = $2`,
  }));
  const valuesOf = (runId: RunId, { threadId, namespace }: Partial<CheckpointPlace>) => [runId, threadId ?? null, namespace ?? null];

  return {
    async put({ runId, attempt: mine }, { threadId, namespace, checkpointId, parentId, checkpoint, channels, metadata }) {
      const values = [runId, mine, threadId, namespace, checkpointId, parentId, checkpoint, channels, metadata];
      return (await sql.ask(put, values)).rows.length > 0;
    },
    async putWrites({ runId, attempt: mine }, given) {
      if (given.length === 0) return true;
      const values = given.flatMap((one) => [
        one.threadId,
        one.namespace,
        one.checkpointId,
        one.taskId,
        String(one.index),
        one.taskPath,
        one.write,
      ]);
      return (await sql.ask(putWritesOf(given.length), [runId, mine, ...values])).rows.length > 0;
    },
    async list(runId, place = {}) {
      return (await sql.ask(list, valuesOf(runId, place))).rows.map(toCheckpoint);
    },
    async writes(runId, place = {}) {
      return (await sql.ask(listWrites, valuesOf(runId, place))).rows.map(toWrite);
    },
    async deleteThread(runId, threadId) {
      for (const statement of forget) await sql.ask(statement, [runId, threadId]);
    },
  };

  /** A row that is there is changed to what it was, so that the answer tells whether the run is ours. */
  function putWritesOf(count: number): Statement {
    const rows = Array.from({ length: count }, (_, row) => `(${texts(3 + row * 7, 7)})`).join(", ");
    const newest = (column: string) => `${column} = CASE WHEN excluded.idx < 0 THEN excluded.${column} ELSE kept.${column} END`;
    return {
      name: `put_checkpoint_writes_${count}`,
      text: `INSERT INTO ${writes} AS kept (run_id, thread_id, namespace, checkpoint_id, task_id, idx, task_path, write)
        SELECT runs.run_id, given.column1, given.column2, given.column3, given.column4, CAST(given.column5 AS integer), given.column6, given.column7
        ${owned(`(VALUES ${rows}) AS given, `)}
        ON CONFLICT (run_id, thread_id, namespace, checkpoint_id, task_id, idx) DO UPDATE SET ${newest("task_path")}, ${newest("write")}
        RETURNING idx`,
    };
  }
}

function texts(first: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `CAST($${first + index} AS text)`).join(", ");
}

function toCheckpoint(row: Row): StoredCheckpoint {
  return {
    threadId: row.thread_id as string,
    namespace: row.namespace as string,
    checkpointId: row.checkpoint_id as string,
    parentId: row.parent_id as string | null,
    checkpoint: row.checkpoint as string,
    channels: row.channels as string,
    metadata: row.metadata as string,
  };
}

function toWrite(row: Row): StoredWrite {
  return {
    threadId: row.thread_id as string,
    namespace: row.namespace as string,
    checkpointId: row.checkpoint_id as string,
    taskId: row.task_id as string,
    taskPath: row.task_path as string,
    index: row.idx as number,
    write: row.write as string,
  };
}
