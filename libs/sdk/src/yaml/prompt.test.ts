import { describe, expect, test } from "vitest";
import { FieldUses } from "./field-uses.ts";
import { parsePrompt } from "./prompt.ts";
import { spotsIn } from "./spots.ts";
import { parseTemplate } from "./template.ts";

const template = (text: string) => parseTemplate(text, new FieldUses(), spotsIn(text, "p.md"));
const prompt = (text: string) => parsePrompt({ name: "p.md", text }, new FieldUses());
const STATE = { name: "Stripe", n: 3, ok: false, list: ["a", { b: 1 }], deep: { er: { x: "y" } }, nothing: null };

describe("placeholders", () => {
  test.each([
    ["Hello {{name}}!", "Hello Stripe!"],
    ["{{ name }}{{n}}{{ok}}", "Stripe3false"],
    ["{{deep.er.x}} {{list.0}} {{list.1.b}}", "y a 1"],
    ["[{{nothing}}{{absent}}{{name.length}}{{deep.nope.x}}]", "[]"],
    ["{{list}}", JSON.stringify(STATE.list, null, 2)],
    ["\\{{name}} and { {name} }", "{{name}} and { {name} }"],
    ["{{constructor}}", ""],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(template(text).render(STATE)).toBe(expected);
  });

  test("what a field holds is not read again", () => {
    expect(template("{{name}}").render({ name: "{{n}}" })).toBe("{{n}}");
  });

  test.each([
    ["a {{name", 3, "a placeholder is not closed"],
    ["a\nbc {{#each list}}", 4, "{{#each list}} is no placeholder"],
    ["{{}}", 1, "is no placeholder"],
    ["{{a.}}", 1, "is no placeholder"],
    ["{{process.env['X']}}", 1, "is no placeholder"],
  ])("%j is refused", (text, column, what) => {
    expect(() => template(text)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(new RegExp(`^p\\.md:\\d:${column} `)) }) as Error,
    );
    expect(() => template(text)).toThrow(what);
  });
});

describe("a Markdown prompt", () => {
  test("is all the user's part without headings", () => {
    const { system, user } = prompt("\n# Task\n\nWrite about {{name}}.\n");

    expect(system).toBeUndefined();
    expect(user.render(STATE)).toBe("# Task\n\nWrite about Stripe.");
  });

  test("has a system part and a user part behind headings of these names, in any order", () => {
    for (const text of [
      "# System\nYou know {{n}}.\n\n# User\nHello\n## More\n",
      "# user\r\nHello\r\n## More\r\n# SYSTEM\r\nYou know {{n}}.\r\n",
    ]) {
      const { system, user } = prompt(text);

      expect(system?.render(STATE)).toBe("You know 3.");
      expect(user.render(STATE).replaceAll("\r", "")).toBe("Hello\n## More");
    }
  });

  test.each([
    ["", "the prompt asks nothing"],
    ["# System\nYou are.\n", "the prompt asks nothing"],
    ["# System\nYou are.\n# User\n  \n", "the prompt asks nothing"],
    ["Hello\n# User\nHello\n", "there is text before the first"],
    ["# User\na\n# User\nb\n", "p.md:3:1 # User stands there a second time"],
    ["# User\nHello {{", "p.md:2:7 a placeholder is not closed"],
  ])("%j is refused", (text, what) => {
    expect(() => prompt(text)).toThrow(what);
  });
});
