import { describe, expect, test } from "vitest";
import { toSafeText } from "./safe-text.ts";

const WITHHELD = "(its text is withheld: it repeats the key or the prompt)";
const SECRETS = ["sk-ant-Zk3vQ9xW7LmN2pRt", "Judge the secret merger\nof Northwind and Contoso."];

describe("a vendor's text", () => {
  test.each<[what: string, text: unknown, safe: string]>([
    ["is passed on", "max_tokens: 9 > 8", "max_tokens: 9 > 8"],
    ["on one line", "a\r\n\tb\u0000\u202e c", "a b c"],
    ["no longer than 300 characters", "y".repeat(1_000), "y".repeat(300)],
    ["is nothing when it is no text", { a: 1 }, ""],
    ["is withheld with the key", "bad key sk-ant-Zk3vQ9xW7LmN2pRt", WITHHELD],
    ["is withheld with any key", "bad key sk-proj-1234", WITHHELD],
    ["is withheld with a part of the key", "bad key …W7LmN2pRt", WITHHELD],
    ["is withheld with a part of the prompt", 'invalid: "the secret merger\\nof Northwind"', WITHHELD],
    ["is withheld with a prompt in capitals", "JUDGE THE SECRET MERGER", WITHHELD],
    ["may share a word with the prompt", "unknown field secret", "unknown field secret"],
  ])("%s", (_what, text, safe) => {
    expect(toSafeText(text, SECRETS)).toBe(safe);
  });

  test("is compared with a short prompt as a whole", () => {
    expect(toSafeText("invalid: Say hello!", ["Say hello"])).toBe(WITHHELD);
    expect(toSafeText("this is it", ["hi"])).toBe("this is it");
  });

  test("is compared with a very long prompt in no time", () => {
    const started = performance.now();

    toSafeText("y".repeat(300), ["x".repeat(2_000_000)]);

    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
