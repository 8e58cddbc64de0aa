import { setTimeout as sleep } from "node:timers/promises";
import type { EventLog } from "@openvibe/bus";
import { type Cursor, digestOf, NO_DIGEST } from "./cursor.ts";

/** A position and what lies there. */
export type Place = Pick<Cursor, "position" | "digest">;

// A bus that elects a new leader may show an older end for a moment: only a loss seen three times is one.
const LOSS_LOOKS = 3;
const LOSS_LOOK_EVERY_MS = 250;

/**
 * Whether the log no longer holds what was seen there: it ends before the position, or holds another event there. Takes its time to say yes.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE
 */
export async function isLogLost(log: EventLog, seen: Place, signal: AbortSignal): Promise<boolean> {
  for (let look = 1; ; look++) {
    if (await stillHolds(log, seen)) return false;
    if (look === LOSS_LOOKS) return true;
    await sleep(LOSS_LOOK_EVERY_MS, undefined, { signal });
  }
}

/** What the log holds at a position. @throws OpenVibeError OV_BUS_UNAVAILABLE */
export async function placeAt(log: EventLog, position: number): Promise<Place> {
  const there = position === 0 ? undefined : await log.at(position);
  return { position, digest: there === undefined ? NO_DIGEST : digestOf(there.event.id) };
}

/** A place that was purged is no evidence of a loss. */
async function stillHolds(log: EventLog, { position, digest }: Place): Promise<boolean> {
  if (position === 0) return true;
  const { last } = await log.bounds();
  if (last < position) return false;
  const there = await placeAt(log, position);
  return digest === NO_DIGEST || there.digest === NO_DIGEST || there.digest === digest;
}
