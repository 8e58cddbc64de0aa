import { type Clock, OpenVibeError } from "@openvibe/core";

/** A workflow that wakes each millisecond would keep a test for ever. */
const MOST_WAKE_UPS = 10_000;

export interface Timeline {
  readonly clock: Clock;
  moveTo(time: number): Promise<void>;
  nextDue(): Promise<number | undefined>;
  /** Finds what is due. */
  sweep(): Promise<void>;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/** Lets so much time pass: what comes due on the way happens in its order and at its time, and what follows from it as well. */
export async function passTime(line: Timeline, ms: number): Promise<void> {
  await line.settled();
  const end = line.clock.now() + ms;
  for (let wakeUps = 0; ; wakeUps++) {
    const due = await line.nextDue();
    if (due === undefined || due > end) break;
    if (wakeUps >= MOST_WAKE_UPS) throw new OpenVibeError("OV_ASK_TIMEOUT", `skip: more than ${MOST_WAKE_UPS} times came due on the way`);
    await line.moveTo(due);
    await line.sweep();
    await line.settled();
  }
  await line.moveTo(end);
}
