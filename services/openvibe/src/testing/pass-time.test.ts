import { expect, test } from "vitest";
import { passTime } from "./pass-time.ts";

/** A clock on which real time stands still, and what happened. */
function aTimeline(due: (now: number) => number | undefined) {
  const happened: string[] = [];
  let aheadMs = 0;
  const say = (what: string) => async () => void happened.push(`${what} at ${aheadMs}`);
  return {
    happened,
    storeTime: async () => ({ now: 1_000 + aheadMs, aheadMs }),
    moveTo: async (time: number) => {
      aheadMs = time - 1_000;
    },
    nextDue: async () => due(1_000 + aheadMs),
    sweep: say("swept"),
    settled: say("settled"),
    ahead: () => aheadMs,
  };
}

test("stops at each time that is due on the way, and at the end", async () => {
  const times = [1_030, 1_030, 1_070, 1_101];
  const line = aTimeline(() => times[0]);

  const sweep = async () => {
    await line.sweep();
    times.shift();
  };
  await passTime({ ...line, sweep }, 100);

  expect(line.happened).toEqual(["settled at 0", ...[30, 30, 70].flatMap((ms) => [`swept at ${ms}`, `settled at ${ms}`])]);
  expect([line.ahead(), times]).toEqual([100, [1_101]]);
});

test("comes to what is due at the end, however much real time goes by on the way", async () => {
  let real = 1_000;
  let aheadMs = 0;
  let due: number | undefined = 1_030;
  const swept: number[] = [];
  await passTime(
    {
      storeTime: async () => ({ now: real + aheadMs, aheadMs }),
      moveTo: async (time) => {
        aheadMs = Math.max(aheadMs, time - real);
      },
      nextDue: async () => due,
      async sweep() {
        swept.push(real + aheadMs);
        real += 5; // until whoever was woken waits for another 70
        due = swept.length === 1 ? real + aheadMs + 70 : undefined;
      },
      settled: async () => {},
    },
    100,
  );

  expect(swept).toEqual([1_030, 1_105]);
  expect(aheadMs).toBe(100);
});

test("comes to the end first where nobody was there on the way", async () => {
  const times = [1_030, 1_070, 1_101];
  const line = aTimeline(() => times[0]);

  const sweep = async () => {
    await line.sweep();
    times.shift();
  };
  await passTime({ ...line, moveTo: async (time) => (time > 1_000 + line.ahead() ? line.moveTo(time) : undefined), sweep }, 100, {
    down: true,
  });

  expect(line.happened).toEqual(["settled at 0", ...[100, 100].flatMap((ms) => [`swept at ${ms}`, `settled at ${ms}`])]);
  expect([line.ahead(), times]).toEqual([100, [1_101]]);
});

test("gives up where something comes due without end", async () => {
  await expect(
    passTime(
      aTimeline((now) => now),
      100,
    ),
  ).rejects.toMatchObject({ code: "OV_ASK_TIMEOUT" });
});
