import { expect, test } from "vitest";
import { findWrongField, toW4Input, toW4Output } from "./w4.ts";

test("the state is about 1 KB, and each lead's its own", () => {
  const [first, second] = [toW4Input(1, 0), toW4Input(2, 0)];

  expect(JSON.stringify(toW4Output(first)).length).toBeGreaterThan(1_000);
  expect(JSON.stringify(toW4Output(first)).length).toBeLessThan(1_300);
  expect(first.notes.slice(10)).not.toBe(second.notes.slice(10));
});

test("a wrong, a missing and a foreign field are found", () => {
  const right = toW4Output(toW4Input(7, 0));
  const { verdict: _, ...without } = right;

  expect(findWrongField({ ...right }, right)).toBeUndefined();
  expect(findWrongField({ ...right, score: right.score + 1 }, right)).toBe("score");
  expect(findWrongField(without, right)).toBe("verdict");
  expect(findWrongField({ ...right, more: 1 }, right)).toBe("more");
  expect(findWrongField(undefined, right)).toBe("the whole output");
});
