import { OpenVibeError } from "@openvibe/core";
import type { Ground } from "./ground.ts";

/** A workflow that wakes each millisecond would keep a test for ever. */
const MOST_WAKE_UPS = 10_000;

export interface Timeline extends Pick<Ground, "moveTo" | "storeTime"> {
  nextDue(): Promise<number | undefined>;
  /** Finds what is due. */
  sweep(): Promise<void>;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/**
 * Lets so much time pass: what comes due on the way happens in its order and at its time, and what follows from it as well. Real time that goes by
 * meanwhile comes on top: three days and then one are over after four, however long the computer took between them. With `down` nobody is there
 * meanwhile: the end comes first, and then what was due before it.
 */
export async function passTime(line: Timeline, ms: number, { down = false }: { readonly down?: boolean } = {}): Promise<void> {
  await line.settled();
  const begun = await line.storeTime();
  if (down) await line.moveTo(begun.now + ms);
  for (let wakeUps = 0; ; wakeUps++) {
    const due = await line.nextDue();
    const { now, aheadMs } = await line.storeTime();
    const end = now + begun.aheadMs + ms - aheadMs;
    if (due === undefined || due > end) return await line.moveTo(end);
    if (wakeUps >= MOST_WAKE_UPS) throw new OpenVibeError("OV_ASK_TIMEOUT", `skip: more than ${MOST_WAKE_UPS} times came due on the way`);
    await line.moveTo(due);
    await line.sweep();
    await line.settled();
  }
}
