import { expect, test } from "vitest";
import { intelKey, qualificationKey, toCompanyId, toKeyPart } from "./context-keys.ts";

test.each([
  ["Stripe", "stripe"],
  ["Bob's Bakery", "bob-s-bakery"],
  ["  A & B -- Co., Ltd. ", "a-b-co-ltd"],
  ["Nº 7", "n-7"],
  ["Zoë_Labs", "zo-labs"],
  ["3M", "3m"],
  ["株式会社", ""],
  ["!!!", ""],
  ["", ""],
])("the company %j has the id %j", (name, id) => {
  expect(toCompanyId(name)).toBe(id);
});

test.each([
  ["4711", "4711"],
  ["Lead_A-1", "Lead_A-1"],
  ["a.b c*d>e", "a-b-c-d-e"],
  ["..", "--"],
  ["é😀", "--"],
])("the id %j is %j in a key: one - for each character that is not allowed", (id, part) => {
  expect(toKeyPart(id)).toBe(part);
});

test("records lie at <company_id>.intel and <contact_id>.qualification", () => {
  expect(intelKey("bob-s-bakery")).toBe("bob-s-bakery.intel");
  expect(qualificationKey("a@b.example")).toBe("a-b-example.qualification");
});
