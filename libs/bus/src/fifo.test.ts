import { expect, test } from "vitest";
import { Fifo } from "./fifo.ts";

test("things come out in the order they went in, however many", () => {
  const fifo = new Fifo<number>();
  const out: (number | undefined)[] = [];

  for (let i = 0; i < 5_000; i++) {
    fifo.push(i);
    if (i % 3 !== 0) out.push(fifo.shift());
  }
  const sizeBefore = fifo.size;
  const head = fifo.peek();
  out.push(...fifo.drain());

  expect(out).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  expect([sizeBefore, head]).toEqual([1_667, 3_333]);
  expect([fifo.size, fifo.peek(), fifo.shift()]).toEqual([0, undefined, undefined]);
});
