import { describe, expect, test } from "vitest";
import { commandsOf, parsePage } from "./docs-page.ts";

const parse = (...lines: string[]) => parsePage("a.md", lines.join("\n")).blocks;

describe("a page", () => {
  test("gives its blocks with their lines, and what is said about each to the next block only", () => {
    const blocks = parse("Save it:", "", "<!-- docs-test: save a.ts -->", "```ts", "1", "```", "```sh", "ls", "```");

    expect(blocks).toEqual([
      { page: "a.md", line: 4, language: "ts", text: "1\n", place: "beside the clone", save: "a.ts" },
      { page: "a.md", line: 7, language: "sh", text: "ls\n", place: "beside the clone" },
    ]);
  });

  test("stays in a place until it names another", () => {
    const blocks = parse("<!-- docs-test: in the clone -->", "```sh", "a", "```", "text", "```sh", "b", "```");

    expect(blocks.map(({ place }) => place)).toEqual(["in the clone", "in the clone"]);
  });

  test("excuses what stands below a word, for its reason, until a place is named", () => {
    const blocks = parse(
      "<!-- docs-test: not run from here: why -->",
      "```sh",
      "a",
      "```",
      "<!-- docs-test: in the clone -->",
      "```sh",
      "b",
      "```",
    );

    expect(blocks.map(({ excused }) => excused)).toEqual(["why", undefined]);
  });

  test("makes one file of a block and those that continue it", () => {
    const blocks = parse("<!-- docs-test: save a.ts -->", "```ts", "1", "```", "<!-- docs-test: continues -->", "```ts", "2", "```");

    expect(blocks[1]).toMatchObject({ save: "a.ts", text: "1\n2\n", continues: true });
  });

  test("gives commands without comments, and long ones in one line", () => {
    const [block] = parse("```sh", "# first", "a \\", "  b", "", "c", "```");

    expect(block && commandsOf(block)).toEqual(["a    b", "c"]);
  });
});

describe("a page is refused with its line when", () => {
  test.each([
    ["a directive is not known", ["<!-- docs-test: skip -->", "```sh", "```"], "a.md:1: unknown directive"],
    ["it excuses without a reason", ["<!-- docs-test: excused: -->", "```sh", "```"], "a.md:1: say why"],
    ["a directive is not closed", ["<!-- docs-test: save a"], "a.md:1: a directive is a line of its own"],
    ["a directive stands before no block", ["<!-- docs-test: output -->", "text"], "a.md:2: a directive stands right before its block"],
    ["a fence is indented, so that nobody would read it", ["1. a", "   ```sh", "   ```"], "a.md:2: a fence begins its line"],
    ["a block has no end", ["```sh", "ls"], "a.md:1: the block has no end"],
    ["there is nothing to continue", ["<!-- docs-test: continues -->", "```ts", "```"], "a.md:2: no block above"],
    ["a pattern has no slashes", ["<!-- docs-test: until ready -->", "```sh", "```"], "a.md:1: a pattern stands between slashes"],
  ])("%s", (_, lines, message) => {
    expect(() => parse(...lines)).toThrow(message);
  });
});
