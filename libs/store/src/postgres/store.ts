import { isOpenVibeError, type Logger, messageOf, OpenVibeError, silentLogger } from "@openvibe/core";
import type { Pool } from "pg";
import { createCheckpointStore } from "../sql/checkpoints.ts";
import { createChildStore } from "../sql/children.ts";
import { createDeliveryStore } from "../sql/deliveries.ts";
import { createEventDataStore } from "../sql/event-data.ts";
import { createEventWaitStore } from "../sql/event-waits.ts";
import type { StoreFaults } from "../sql/faults.ts";
import { createHeldEventStore } from "../sql/held-events.ts";
import { createHistoryStore } from "../sql/history.ts";
import { createManifestStore } from "../sql/manifests.ts";
import { createOutsideEventStore } from "../sql/outside-events.ts";
import { createParkingStore } from "../sql/parking.ts";
import { createRunStore } from "../sql/run-store.ts";
import { createScheduleStore } from "../sql/schedules.ts";
import { createSettingStore } from "../sql/settings.ts";
import { createSubStepStore } from "../sql/sub-steps.ts";
import { createSubscriptionStore } from "../sql/subscriptions.ts";
import { createSweepStore } from "../sql/sweep.ts";
import type { Store } from "../store.ts";
import { postgresDialect } from "./dialect.ts";
import { judgeFailure } from "./failures.ts";
import { migrate } from "./migrate.ts";
import { parseSchema, shownUrl } from "./names.ts";
import { Patience } from "./patience.ts";
import { createPool, POOL_SIZE } from "./pool.ts";
import { Sockets } from "./sockets.ts";
import { createPostgresSql } from "./sql.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "./timeouts.ts";
import { within } from "./within.ts";
import { createWorkerStore } from "./workers.ts";

export interface PostgresStoreOptions {
  readonly url: string;
  /** Every tenant has its own; made where it is missing. `openvibe` by default. */
  readonly schema?: string;
  /** Connections at most, the beat's own not counted; 10 by default. */
  readonly poolSize?: number;
  readonly logger?: Logger;
  readonly timeouts?: Timeouts;
  /** For the fault tests. */
  readonly faults?: StoreFaults;
  /** For the test kit: goes by the clock of a schema that `openPostgresTestSchema` has made. */
  readonly testClock?: boolean;
}

/** For what is in flight, then for the connections' goodbye. */
const CLOSE_WITHIN_MS = 2_000;

/**
 * Opens a store that many processes share; waits for a Postgres that is only just starting. A pooler between must keep a connection for a session
 * (PgBouncer: `pool_mode = session`): planner settings and prepared statements belong to it.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_STORE_SCHEMA, OV_CONFIG_INVALID
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, poolSize = POOL_SIZE, logger = silentLogger, faults = {}, testClock = false } = options;
  const schema = parseSchema(options.schema ?? "openvibe");
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const where = shownUrl(url);
  const patience = new Patience(where, logger);
  const sockets = new Sockets();
  const pool = createPool({ url, poolSize, timeouts, logger, sockets });
  try {
    await migrateWithin(timeouts.ownerMs, () => migrate(pool, schema, where), patience);
  } catch (error) {
    await closePool(pool, logger);
    throw error;
  }

  const sql = createPostgresSql({ pool, dialect: postgresDialect(schema, { testClock }), patience, timeouts });
  let closed: Promise<void> | undefined;
  const close = async () => {
    if ((await within(CLOSE_WITHIN_MS, sql.idle())) === "late") {
      sockets.cut();
      await within(CLOSE_WITHIN_MS, sql.idle());
    }
    await closePool(pool, logger);
  };
  return {
    kind: "postgres",
    exclusive: false,
    runs: createRunStore(sql, faults),
    children: createChildStore(sql),
    history: createHistoryStore(sql),
    subSteps: createSubStepStore(sql, faults),
    parking: createParkingStore(sql),
    sweep: createSweepStore(sql, faults),
    workers: createWorkerStore({ url, schema, patience }),
    manifests: createManifestStore(sql),
    settings: createSettingStore(sql),
    schedules: createScheduleStore(sql),
    eventData: createEventDataStore(sql),
    checkpoints: createCheckpointStore(sql, faults),
    subscriptions: createSubscriptionStore(sql),
    deliveries: createDeliveryStore(sql, faults),
    eventWaits: createEventWaitStore(sql),
    heldEvents: createHeldEventStore(sql),
    outsideEvents: createOutsideEventStore(sql),
    async ping(timeoutMs) {
      try {
        if ((await within(timeoutMs, pool.query("SELECT 1"))) === "late") throw new Error(`no answer within ${timeoutMs} ms`);
      } catch (error) {
        throw patience.unavailable(error);
      }
    },
    [Symbol.asyncDispose]() {
      patience.close();
      closed ??= close();
      return closed;
    },
  };
}

async function migrateWithin(deadlineMs: number, run: () => Promise<void>, patience: Patience): Promise<void> {
  const until = performance.now() + deadlineMs;
  for (let failed = 0; ; failed++) {
    try {
      return await run();
    } catch (error) {
      if (isOpenVibeError(error)) throw error;
      if (judgeFailure(error) !== "passing" || performance.now() > until) throw patience.unavailable(error);
      patience.warn(error);
      await patience.pause(failed);
    }
  }
}

/** A connection whose other end is gone may never say goodbye: nobody waits for it long. */
async function closePool(pool: Pool, logger: Logger): Promise<void> {
  try {
    if ((await within(CLOSE_WITHIN_MS, pool.end())) === "late") logger.debug({}, "Postgres connections were left without a goodbye");
  } catch (error) {
    throw new OpenVibeError("OV_STORE_UNAVAILABLE", `closing the pool: ${messageOf(error)}`, { cause: error });
  }
}
