import { expect, test } from "vitest";
import { firstCharacters } from "./first-characters.ts";

test.each([
  ["a shorter text stays whole", "abc", 5, "abc"],
  ["a text of that length stays whole", "abc", 3, "abc"],
  ["a longer text is cut", "abcd", 3, "abc"],
  ["an empty text stays empty", "", 3, ""],
  ["a character outside the basic plane counts as one", "😀😀😀", 2, "😀😀"],
  ["a character outside the basic plane is never cut in half", "ab😀d", 3, "ab😀"],
  ["a combining mark is a character of its own", "e\u0301x", 2, "e\u0301"],
  ["nothing is asked for", "abc", 0, ""],
])("%s", (_, text, count, first) => {
  expect(firstCharacters(text, count)).toBe(first);
});
