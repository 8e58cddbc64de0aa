import { EXPIRES_AT, LISTED_AS } from "../migrations/003-lists.ts";

/** SQL for the runs whose `listed_as` or `expires_at` is not what follows from their other columns, with what it should be. */
export function listedWrongly(runs: string): string {
  return `SELECT run_id, status, listed_as, ${LISTED_AS} AS should_be_listed_as, expires_at, ${EXPIRES_AT} AS should_expire_at FROM ${runs}
    WHERE listed_as IS DISTINCT FROM ${LISTED_AS} OR expires_at IS DISTINCT FROM ${EXPIRES_AT}`;
}
