import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** How many of 20 calls of one transaction go on in each turn of the event loop. */
async function goOn(turns: Turns): Promise<readonly number[]> {
  let answered = 0;
  const all = Promise.all(Array.from({ length: 20 }, () => turns.ask(() => {}).then(() => answered++)));
  const counts: number[] = [];
  for (let before = 0; answered < 20; before = answered) {
    await nextTurn();
    if (answered > before) counts.push(answered - before);
  }
  await all;
  return counts;
}

test("where the event loop has time to spare, the callers of a transaction go on a few at a time", async () => {
  using database = new DatabaseSync(":memory:");
  const turns = new Turns(database);
  await sleep(200);

  expect(await goOn(turns)).toEqual([8, 8, 4]);
});

test("in a saturated event loop they go on together", async () => {
  using database = new DatabaseSync(":memory:");
  const turns = new Turns(database);
  for (const until = performance.now() + 200; performance.now() < until; );

  expect(await goOn(turns)).toEqual([20]);
});
