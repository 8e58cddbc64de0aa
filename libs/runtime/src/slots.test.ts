import { describe, expect, test } from "vitest";
import { SlotCounter } from "./slots.ts";

const forever = new AbortController().signal;
const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("slots", () => {
  test("are free until they are taken, and never less than none", () => {
    const slots = new SlotCounter(2);

    slots.acquire();
    expect([slots.free, slots.busy]).toEqual([1, 1]);
    slots.acquire();
    slots.acquire(); // one that comes back from an ask goes on at once
    expect([slots.free, slots.busy]).toEqual([0, 3]);
    slots.release();
    expect([slots.free, slots.busy]).toEqual([0, 2]);
  });

  test("tell who waits as soon as one is free", async () => {
    const slots = new SlotCounter(1);
    slots.acquire();
    let told = false;
    const waiting = slots.whenFree(forever).then(() => {
      told = true;
    });
    await turns();
    expect(told).toBe(false);

    slots.release();
    await waiting;

    expect(told).toBe(true);
  });

  test("that stay overdrawn tell nobody", async () => {
    const slots = new SlotCounter(1);
    slots.acquire();
    slots.acquire();
    let told = false;
    void slots.whenFree(forever).then(() => {
      told = true;
    });

    slots.release();
    await turns();

    expect(told).toBe(false);
  });

  test("when there are none while paused, and all again afterwards", async () => {
    const slots = new SlotCounter(3);
    slots.pause(true);
    expect(slots.free).toBe(0);
    const waiting = slots.whenFree(forever);

    slots.pause(false);
    await waiting;

    expect(slots.free).toBe(3);
  });

  test("end a wait when its signal aborts", async () => {
    const slots = new SlotCounter(0);
    const stopping = new AbortController();
    const waiting = slots.whenFree(stopping.signal);

    stopping.abort();

    await waiting;
    await slots.whenFree(AbortSignal.abort());
  });

  test("are taken by as many of those who wait as are free, the first first", async () => {
    const slots = new SlotCounter(2);
    slots.acquire();
    slots.acquire();
    const got: number[] = [];
    for (const who of [1, 2, 3]) void slots.acquireWhenFree(forever).then((has) => has && got.push(who));
    await turns();

    slots.release();
    await turns();
    expect([got, slots.busy]).toEqual([[1], 2]);
    slots.release();
    slots.release();
    await turns();

    expect([got, slots.busy]).toEqual([[1, 2, 3], 2]);
  });

  test("are not taken by one whose time is over, nor lost to those who still wait", async () => {
    const slots = new SlotCounter(1);
    slots.acquire();
    const stopping = new AbortController();
    const first = slots.acquireWhenFree(stopping.signal);
    const second = slots.acquireWhenFree(forever);

    stopping.abort();
    slots.release();

    expect(await first).toBe(false);
    expect(await second).toBe(true);
    expect(slots.busy).toBe(1);
    expect(await slots.acquireWhenFree(AbortSignal.abort())).toBe(false);
  });
});
