import type { Logger } from "@openvibe/core";
import { messageOf } from "@openvibe/core";
import { Pool, types } from "pg";
import type { Sockets } from "./sockets.ts";
import type { Timeouts } from "./timeouts.ts";

const INT8 = 20;

/** Connections at most, by default. */
export const POOL_SIZE = 10;

/**
 * Every statement reaches its rows by an index, row after row in the order given. Without these the planner may choose a plan while a table is
 * small and keep it when the table has grown, or lock the rows of a group in an order of its own. Isolation is what the statements are written for.
 */
const SESSION = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
  SET plan_cache_mode = force_generic_plan; SET default_transaction_isolation = 'read committed'; SET idle_in_transaction_session_timeout = '30s'`;

/** Where Postgres can (14 and newer, built with it): states above 2 KB are compressed at every step, and pglz costs a tenth of what the server does. */
const COMPRESSION = `SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`;

export interface PoolOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly timeouts: Required<Timeouts>;
  readonly logger: Logger;
  readonly sockets: Sockets;
}

export function createPool({ url, poolSize, timeouts, logger, sockets }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    stream: () => sockets.make(),
    max: poolSize,
    application_name: "openvibe",
    connectionTimeoutMillis: timeouts.connectMs,
    // A little later than the server's own: then the connection can be used again.
    query_timeout: timeouts.statementMs + 500,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
    // Times and counts are far below 2^53.
    types: { getTypeParser: (oid: number, format?: "text" | "binary") => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
    onConnect: async (client) => {
      await client.query(`${SESSION}; SET statement_timeout = ${timeouts.statementMs}; ${COMPRESSION}`);
    },
  });
  // Without a listener a restart of Postgres would end the process. The pool has already dropped the connection.
  pool.on("error", (error) => logger.debug({ error: messageOf(error) }, "Postgres ended an idle connection"));
  return pool;
}
