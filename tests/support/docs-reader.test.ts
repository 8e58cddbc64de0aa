import { describe, expect, test } from "vitest";
import { parsePage } from "./docs-page.ts";
import { readAloud } from "./docs-reader.ts";
import { loginEnvironment } from "./terminal.ts";

const read = (...lines: string[]) => readAloud(parsePage("a.md", lines.join("\n")), { installed: "/nowhere", env: loginEnvironment() });

describe("reading a page aloud", () => {
  test("types its commands in one shell, saves its files, fills what it names, and counts", async () => {
    const tally = await read(
      "<!-- docs-test: save data/greeting.txt -->",
      "```text",
      "hello, port 8000",
      "```",
      "```sh",
      "cd data && name=greeting",
      `echo '"job_id": "j-17"' && cat $name.txt && ls`,
      "```",
      "<!-- docs-test: output -->",
      "```",
      "hello, port 8000",
      "greeting.txt",
      "```",
      "<!-- docs-test: fails 3 -->",
      "```sh",
      "echo <job_id>; (exit 3)",
      "```",
      "<!-- docs-test: output -->",
      "```",
      "j-17",
      "```",
      "<!-- docs-test: excused: for a reason -->",
      "```sh",
      "false",
      "```",
    );

    expect(tally).toEqual({ typed: 3, saved: 1, compared: 2, excused: ["a.md:23: for a reason"] });
  });

  test("leaves a line that goes on in its terminal, and stops it before the next one there", async () => {
    const tally = await read(
      "<!-- docs-test: until /^ready$/ -->",
      "<!-- docs-test: terminal 1 -->",
      "```sh",
      "touch up; trap 'rm -f up' EXIT; echo ready; sleep 600",
      "```",
      "```sh",
      "test -e up",
      "```",
      "<!-- docs-test: terminal 1 -->",
      "```sh",
      "echo stopped",
      "```",
      "<!-- docs-test: output -->",
      "```",
      "stopped",
      "```",
    );

    expect(tally).toMatchObject({ typed: 3, compared: 1 });
  });
});

describe("a page fails with the line of the block", () => {
  test.each([
    ["whose command fails", ["```sh", "true", "(exit 4)", "```"], "a.md:1: (exit 4) ended with 4, not with 0"],
    ["whose first command fails", ["```sh", "false", "true", "```"], "a.md:1: false ended with 1, not with 0"],
    [
      "whose command does not fail as shown",
      ["<!-- docs-test: fails 3 -->", "```sh", "true", "```"],
      "a.md:2: true ended with 0, not with 3",
    ],
    [
      "that shows another output",
      ["```sh", "echo a", "```", "<!-- docs-test: output -->", "```", "b", "```"],
      "a.md:5: echo a wrote something else",
    ],
    ["that names what nobody wrote", ["```sh", "echo <run_id>", "```"], "a.md:1: nothing that was written says what <run_id> is"],
    ["whose JSON is none", ["```json", "{a}", "```"], "a.md:1: "],
    ["in a language that nobody runs", ["```python", "print()", "```"], "a.md:1: a block in python is saved under a name, or excused"],
    [
      "that saves into the clone",
      ["<!-- docs-test: in the clone -->", "<!-- docs-test: save a.ts -->", "```ts", "```"],
      "a.md:3: a page saves its files beside the clone",
    ],
    ["whose server ends", ["<!-- docs-test: until /^ready$/ -->", "```sh", "echo no", "```"], "a.md:2: echo no ended before it showed"],
  ])("%s", async (_, lines, message) => {
    await expect(read(...lines)).rejects.toThrow(message);
  });
});
