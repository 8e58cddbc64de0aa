import { expect, test } from "vitest";
import { Inbox } from "./inbox.ts";

test("the reader gets what lies there, what comes later, then the end", async () => {
  const inbox = new Inbox<number>();
  inbox.push(1);
  const reading = Array.fromAsync(inbox);
  await Promise.resolve();

  inbox.push(2);
  inbox.push(3);
  inbox.end();
  inbox.push(4);

  expect(await reading).toEqual([1, 2, 3]);
});

test("a failure is thrown after what lies there", async () => {
  const inbox = new Inbox<number>();
  const seen: number[] = [];
  inbox.push(1);
  inbox.end(new Error("lost"));

  const reading = (async () => {
    for await (const item of inbox) seen.push(item);
  })();

  await expect(reading).rejects.toThrow("lost");
  expect(seen).toEqual([1]);
});

test("whoever delivers is told once when the reader leaves", async () => {
  let told = 0;
  const inbox = new Inbox<number>(() => told++);
  inbox.push(1);
  inbox.push(2);

  for await (const _ of inbox) break;
  inbox.end();

  expect(told).toBe(1);
});
