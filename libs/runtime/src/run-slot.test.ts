import { describe, expect, test } from "vitest";
import { RunSlot } from "./run-slot.ts";
import { SlotCounter } from "./slots.ts";
import { until } from "./world-for-tests.ts";

/** A run that counts in one of two slots. */
function aRun() {
  const slots = new SlotCounter(2);
  slots.acquire();
  return { slots, slot: new RunSlot(slots) };
}

describe("a run that asks", () => {
  test("counts until it has asked for 100 ms, and again when it is answered", async () => {
    const { slots, slot } = aRun();
    const answer = Promise.withResolvers<string>();

    const asking = slot.whileAsking(answer.promise);
    expect(slots.busy).toBe(1);
    await until(() => expect(slots.busy).toBe(0));
    answer.resolve("yes");

    expect(await asking).toBe("yes");
    expect(slots.busy).toBe(1);
  });

  test("counts all the time when it is answered soon", async () => {
    const { slots, slot } = aRun();

    expect(await slot.whileAsking(Promise.resolve(1))).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 150));

    expect(slots.busy).toBe(1);
  });

  test("counts again when it is answered with an error", async () => {
    const { slots, slot } = aRun();
    const answer = Promise.withResolvers<never>();
    const asking = slot.whileAsking(answer.promise);
    await until(() => expect(slots.busy).toBe(0));

    answer.reject(new Error("no"));

    await expect(asking).rejects.toThrow("no");
    expect(slots.busy).toBe(1);
  });

  test("frees its one slot once, however much it asks at a time", async () => {
    const { slots, slot } = aRun();
    const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const asking = answers.map(({ promise }) => slot.whileAsking(promise));
    await until(() => expect(slots.busy).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slots.free).toBe(2);

    answers[0]?.resolve();
    await asking[0];
    expect(slots.busy).toBe(0);
    answers[1]?.resolve();
    await asking[1];

    expect(slots.busy).toBe(1);
  });

  test("and ends without waiting for the answer has its slot to give back, and frees none afterwards", async () => {
    const { slots, slot } = aRun();
    const answer = Promise.withResolvers<void>();
    const asking = slot.whileAsking(answer.promise);
    await until(() => expect(slots.busy).toBe(0));

    slot.close();
    expect(slots.busy).toBe(1);
    answer.resolve();
    await asking;
    await slot.whileAsking(new Promise<void>((resolve) => setTimeout(resolve, 150)));

    expect(slots.busy).toBe(1);
  });

  test("and ends at once frees nothing later", async () => {
    const { slots, slot } = aRun();
    void slot.whileAsking(new Promise<void>(() => {}));

    slot.close();
    await new Promise((resolve) => setTimeout(resolve, 150));

    expect(slots.busy).toBe(1);
  });
});

describe("a run whose end is stored", () => {
  test("counts no more, and has its slot to give back once", async () => {
    const { slots, slot } = aRun();

    slot.leave();
    expect(slots.busy).toBe(0);
    slot.close();

    expect(slots.busy).toBe(1);
  });

  test.each([
    ["asks still", 0],
    ["has asked for long", 150],
  ])("and that %s counts no more, answered or not", async (_, ms) => {
    const { slots, slot } = aRun();
    const answer = Promise.withResolvers<void>();
    const asking = slot.whileAsking(answer.promise);
    await new Promise((resolve) => setTimeout(resolve, ms));

    slot.leave();
    expect(slots.busy).toBe(0);
    answer.resolve();
    await asking;
    expect(slots.busy).toBe(0);
    slot.close();

    expect(slots.busy).toBe(1);
  });
});
