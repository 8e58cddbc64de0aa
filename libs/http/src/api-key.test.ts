import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { formatKeyEntry, HashedKey, hashOfKey, newApiKey, PLAIN_KEY, readKeyEntry } from "./api-key.ts";

test("a new key is recognized by its beginning, and is never the same", () => {
  const keys = new Set(Array.from({ length: 1_000 }, newApiKey));

  expect(keys.size).toBe(1_000);
  for (const key of keys) expect(key).toMatch(/^ov_[0-9a-z]{32}$/);
  expect([...keys].every((key) => PLAIN_KEY.test(key))).toBe(true);
});

test("a hash is what any other program computes", () => {
  expect(hashOfKey("ov_a")).toBe(`sha256:${createHash("sha256").update("ov_a").digest("hex")}`);
});

test.each<HashedKey>([
  { name: "ci", hash: hashOfKey("a"), scopes: ["run"] },
  { name: "board-2", hash: hashOfKey("b"), scopes: ["read", "run"], operators: ["hello", "company_intel"] },
])("an entry is read as it was written: $name", (key) => {
  const entry = formatKeyEntry(key);

  expect(entry).toMatch(/^[\w:=+-]+$/); // no shell and no .env file changes it
  expect(HashedKey.parse(readKeyEntry(entry))).toEqual(key);
});

test("a plain key is itself", () => {
  expect(readKeyEntry("ov_plain")).toBe("ov_plain");
});
