import { describe, expect, test } from "vitest";
import { decideQuality } from "./decide.ts";

describe("a reply that is a JSON object decides by its prospect_quality", () => {
  test.each([
    ["a known word", '{"prospect_quality": "high"}', "high"],
    ["in capitals", '{"prospect_quality": "LOW"}', "low"],
    ["in a fence", '```json\n{"prospect_quality": "low"}\n```', "low"],
    ["in a fence without a tag", '```\n{"prospect_quality": "Medium"}\n```', "medium"],
    ["an unknown word", '{"prospect_quality": "excellent"}', "medium"],
    ["the word with more around it", '{"prospect_quality": "very high"}', "medium"],
    ["no text", '{"prospect_quality": 3}', "medium"],
    ["no such key", '{"quality": "high"}', "medium"],
    ["other text in the object is not searched", '{"reasoning": "high growth, low risk"}', "medium"],
    ["an empty object", "{}", "medium"],
  ])("%s", (_, analysis, quality) => {
    expect(decideQuality(analysis)).toBe(quality);
  });
});

describe("any other reply is searched for the words", () => {
  test.each([
    ["high", "This is a HIGH quality prospect.", "high"],
    ["low", "Quality: Low.", "low"],
    ["high wins over low, wherever it stands", "low effort, high value", "high"],
    ["slow counts as low", "Their sales are slow.", "low"],
    ["highly counts as high", "Highly unlikely to buy.", "high"],
    ["none of them", "A decent prospect.", "medium"],
    ["JSON inside prose is prose", 'Result: {"prospect_quality": "low"} as asked, highlights below', "high"],
    ["a list is searched as text", '[{"prospect_quality": "low"}]', "low"],
    ["a JSON text is searched", '"high"', "high"],
    ["an empty reply", "", "medium"],
    ["white space", " \n ", "medium"],
  ])("%s", (_, analysis, quality) => {
    expect(decideQuality(analysis)).toBe(quality);
  });
});
