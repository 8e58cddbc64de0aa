import { type Clock, type Logger, OpenVibeError, type OperatorId } from "@openvibe/core";
import type { NewRun, RunStore } from "@openvibe/store";

/** Older than this, the count is taken again, beside the request that noticed. */
const REFRESH_AFTER_MS = 1_000;
/** Older than this, the request waits for a new one: nobody asked for long. */
const STALE_AFTER_MS = 5_000;
/** Before a refusal the count is taken again, unless it is younger than this many times what it took: counting costs at most a tenth of a connection. */
const REST_FACTOR = 9;
const RETRY_AFTER_MS = 5_000;

/**
 * Bounds what may wait for one operator (DESIGN §6 rule 1), before anything is stored. Approximate on purpose: the queued runs are counted in the store
 * about once a second for all operators together, and what this process admitted since is added. Several gateways know of each other's runs by the next
 * count, so for about a second the limit may be exceeded by what the others accept; a run that was claimed meanwhile is noticed before anybody is refused.
 */
export interface Admission {
  /** @throws OpenVibeError OV_BACKLOG_FULL, unless the run's cause (key or origin) has its run already: then nothing new is asked for */
  admit(run: Pick<NewRun, "operatorId" | "idempotencyKey" | "origin">): Promise<void>;
}

export function createAdmission(deps: {
  readonly runs: Pick<RunStore, "countQueued" | "hasCause">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxBacklog: number;
}): Admission {
  const { runs, clock, logger, maxBacklog } = deps;
  let queued: ReadonlyMap<OperatorId, number> = new Map();
  /** Admitted here since the count that `queued` holds had begun, up to the next one's beginning, and from there on. */
  let until = new Map<OperatorId, number>();
  let since = new Map<OperatorId, number>();
  let countedAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let counting: Promise<void> | undefined;

  const count = async () => {
    const at = clock.now();
    until = since;
    since = new Map();
    try {
      queued = await runs.countQueued();
      until = new Map();
      countedAt = at;
      tookMs = Math.max(0, clock.now() - at);
    } catch (err) {
      for (const [operatorId, more] of until) since.set(operatorId, (since.get(operatorId) ?? 0) + more);
      until = new Map();
      // The insert that follows meets the same store, and says what is wrong with it.
      logger.debug({ err }, "queued runs could not be counted");
    }
  };
  const recount = (): Promise<void> => {
    counting ??= count().finally(() => {
      counting = undefined;
    });
    return counting;
  };
  const age = () => clock.now() - countedAt;
  const backlogOf = (operatorId: OperatorId) => (queued.get(operatorId) ?? 0) + (until.get(operatorId) ?? 0) + (since.get(operatorId) ?? 0);
  const take = (operatorId: OperatorId): boolean => {
    if (backlogOf(operatorId) >= maxBacklog) return false;
    since.set(operatorId, (since.get(operatorId) ?? 0) + 1);
    return true;
  };

  return {
    async admit({ operatorId, idempotencyKey, origin }) {
      if (age() > STALE_AFTER_MS) await recount();
      else if (age() > REFRESH_AFTER_MS) void recount();
      if (take(operatorId)) return;
      if (age() >= tookMs * REST_FACTOR) await recount();
      if (take(operatorId)) return;
      const cause = { ...(idempotencyKey && { idempotencyKey }), ...(origin && { origin }) };
      if (Object.keys(cause).length > 0 && (await runs.hasCause(cause))) return;
      throw new OpenVibeError(
        "OV_BACKLOG_FULL",
        `operator ${operatorId} has about ${backlogOf(operatorId)} queued runs; ${maxBacklog} are allowed: nothing was stored, send the same again later`,
        { retryAfterMs: RETRY_AFTER_MS, extra: { max_backlog: maxBacklog } },
      );
    },
  };
}
