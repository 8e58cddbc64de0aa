import { expect, test } from "vitest";
import { createMaker } from "../fuzz/maker.ts";
import { bySeed, seedOf } from "./seed.ts";

test("a seed is taken from OPENVIBE_TEST_SEED, and is made where there is none", () => {
  expect(seedOf({ OPENVIBE_TEST_SEED: "4711" })).toBe(4_711);
  expect(seedOf({})).toBeGreaterThan(0);
});

test.each(["", "0", "-1", "1.5", "many", "1000001"])("OPENVIBE_TEST_SEED=%s is refused, and what is allowed is said", (given) => {
  expect(() => seedOf({ OPENVIBE_TEST_SEED: given })).toThrow(/OPENVIBE_TEST_SEED is .*allowed is a whole number from 1 to 1000000/);
});

test("a failure by chance says its seed, and keeps its cause", async () => {
  const cause = new Error("3 faults");

  await expect(bySeed(4_711, () => Promise.reject(cause))).rejects.toMatchObject({
    message: "3 faults\nrepeat it with OPENVIBE_TEST_SEED=4711",
    cause,
  });
});

test("the same seed makes the same things to throw", () => {
  const things = (seed: number) => {
    const make = createMaker(seed, ["word"]);
    return Array.from({ length: 50 }, () => [make.text(), make.bytes(20).toString("hex"), JSON.stringify(make.json())]);
  };

  expect(things(4_711)).toEqual(things(4_711));
  expect(things(4_711)).not.toEqual(things(4_712));
});
