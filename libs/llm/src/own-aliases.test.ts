import { describe, expect, test } from "vitest";
import { ALIASES } from "./model-data.ts";
import { findTargetFault, withOwnAliases } from "./own-aliases.ts";

describe("aliases of a deployment's own", () => {
  test("stand over the vendor's; one that leads to another means what that means to us", () => {
    const own = withOwnAliases(ALIASES.anthropic, { fast: "sonnet", sonnet: "claude-opus-4-6" });

    expect(own).toEqual({ ...ALIASES.anthropic, fast: ALIASES.anthropic.sonnet, sonnet: "claude-opus-4-6" });
    expect(withOwnAliases(ALIASES.anthropic)).toEqual(ALIASES.anthropic);
  });

  test.each([
    ["a model that is known", "claude-opus-4-6"],
    ["one with a date", "claude-haiku-5-5-20261007"],
    ["a newer one of a family that is known", "claude-haiku-6"],
    ["one of a family that is not", "claude-epic-poem-1"],
    ["another alias", "smart"],
  ])("may stand for %s", (_, target) => {
    expect(findTargetFault(target, { provider: "anthropic", elsewhere: false })).toBeUndefined();
  });

  test.each([
    ["a misspelt alias", "sonet", 'did you mean "sonnet"?'],
    ["a misspelt model", "claude-haku-5-5", 'is not among the models that are known; did you mean "claude-haiku-5-5"'],
    ["another vendor's", "gpt-6-luna", "is no model of anthropic; there are claude-haiku-5-5,"],
    ["no name at all", "the best", "is no model's id"],
  ])("may not stand for %s", (_, target, why) => {
    expect(findTargetFault(target, { provider: "anthropic", elsewhere: false })).toContain(why);
  });

  test("may stand for any id at another address, and for a model that is none", () => {
    expect(findTargetFault("mistral-large-3", { provider: "anthropic", elsewhere: true })).toBeUndefined();
    expect(findTargetFault("claude-haku-5-5", { provider: "echo", elsewhere: false })).toBeUndefined();
    expect(findTargetFault("sonet", { provider: "echo", elsewhere: false })).toContain('"sonnet"');
  });
});
