import { expect, test } from "vitest";
import { atTick } from "./ticks.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("what is to be told soon shares its tick with the rest", async () => {
  const turns: number[] = [];
  let turn = 0;
  const counting = setInterval(() => turn++, 1);
  const told = [1, 2, 3].map(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    atTick(() => {
      turns.push(turn);
      resolve();
    });
    return promise;
  });
  expect(turns).toEqual([]);

  await Promise.all(told);
  clearInterval(counting);

  expect(turns).toHaveLength(3);
  expect(new Set(turns).size).toBe(1);
});

test("what is called off is not called, and nothing else is called off with it", async () => {
  const called: string[] = [];
  const callOff = atTick(() => called.push("a"));
  atTick(() => called.push("b"));
  const call = () => void called.push("twice");
  const callOffOne = atTick(call);
  atTick(call);

  callOff();
  callOffOne();
  callOffOne();
  await pause(40);

  expect(called).toEqual(["b", "twice"]);
});

test("what a tick calls may wait for the next", async () => {
  const told: string[] = [];
  const { promise: second, resolve } = Promise.withResolvers<void>();
  atTick(() => {
    atTick(() => {
      told.push("second");
      resolve();
    });
    queueMicrotask(() => told.push("first is over"));
  });

  await second;

  expect(told).toEqual(["first is over", "second"]);
});
