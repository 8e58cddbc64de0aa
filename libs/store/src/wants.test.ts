import { expect, test } from "vitest";
import { exactTypes, toWants } from "./wants.ts";

test("a subscription wants what has its types, its operators, and comes after its beginning", () => {
  const wants = toWants({ types: ["lead.*", "run.failed"], operators: ["sales"], fromPosition: 10 });

  expect(wants({ type: "lead.qualified", operatorId: "sales" }, 11)).toBe(true);
  expect(wants({ type: "run.failed", operatorId: "sales" }, 11)).toBe(true);
  expect(wants({ type: "run.completed", operatorId: "sales" }, 11)).toBe(false);
  expect(wants({ type: "lead.qualified", operatorId: "support" }, 11)).toBe(false);
  expect(wants({ type: "lead.qualified", operatorId: null }, 11)).toBe(false);
  expect(wants({ type: "lead.qualified", operatorId: "sales" }, 10)).toBe(false);
  expect(toWants({ types: ["*"], operators: null, fromPosition: 0 })({ type: "x", operatorId: null }, 1)).toBe(true);
});

test("the log is asked for exact types only while these are few", () => {
  const many = Array.from({ length: 33 }, (_, n) => `type_${n}`);

  expect(exactTypes([{ types: ["a", "b"] }, { types: ["b", "c"] }])).toEqual(["a", "b", "c"]);
  expect(exactTypes([{ types: ["a"] }, { types: ["run.*"] }])).toBeUndefined();
  expect(exactTypes([{ types: ["*"] }])).toBeUndefined();
  expect(exactTypes([{ types: many }])).toBeUndefined();
});
