/** What holds for every command, read off the tree. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ExitCode } from "../exit-code.ts";
import type { CliCommand } from "./cli-command.ts";
import { renderCommands } from "./commands-page.fixture.ts";
import { createProgram, EXIT_CODES } from "./program.ts";

const PAGE = fileURLToPath(new URL("../../../../../docs/commands.md", import.meta.url));
const WITHOUT_DATA = ["openvibe dev", "openvibe serve", "openvibe completion"];

function leavesOf(command: CliCommand): readonly CliCommand[] {
  const below = command.commands as readonly CliCommand[];
  return below.length === 0 ? [command] : below.flatMap(leavesOf);
}

const leaves = leavesOf(createProgram("1.2.3"));

describe.each(leaves.map((leaf) => [leaf.path, leaf] as const))("%s", (path, leaf) => {
  test("has examples, and each could be typed as it stands", async () => {
    expect(leaf.examples.length).toBeGreaterThan(0);
    for (const example of leaf.examples) {
      const typed = await parse(example);
      expect(typed).toBe(path);
    }
  });

  test("says in a sentence what it does, and names its arguments", () => {
    expect(leaf.description()).toMatch(/^\S.*[^.]$/);
    expect(leaf.helpInformation()).toContain(`Usage: ${path} `);
    expect(leaf.helpInformation()).toMatch(/\nExamples:\n {2}\S/);
  });

  if (!WITHOUT_DATA.includes(path))
    test("has --json", () => {
      expect(leaf.options.map(({ long }) => long)).toContain("--json");
    });
});

test("the page docs/commands.md has every command, argument and option, as the tree has them (vitest -u writes it anew)", async () => {
  const page = await readFile(PAGE, "utf8");
  const commands = renderCommands(leaves);

  const wanted = page.replace(/(?<=<!-- commands -->\n)[\s\S]*(?=<!-- \/commands -->)/, () => commands);

  expect(page).toContain("<!-- commands -->");
  await expect(wanted).toMatchFileSnapshot(PAGE);
});

test("help and docs/commands.md tell every exit code", async () => {
  const page = await readFile(PAGE, "utf8");
  const codes = (text: string) => [...text.matchAll(/(?<![\d.])(\d+) (?=[a-z])/g)].map(([, code]) => Number(code));

  expect(codes(EXIT_CODES)).toEqual(Object.values(ExitCode));
  expect(codes(/^Exit codes: .*(?:\n.+)*/m.exec(page)?.[0] ?? "")).toEqual(Object.values(ExitCode));
});

/** Parses an example without doing it; gives the command it reaches. */
async function parse(example: string): Promise<string> {
  const line = example.replace(/^([A-Z_]+=\S+ )+/, "").replace(/^eval "\$\((.*)\)"$/, "$1");
  const [, ...words] = [...line.replace(/ [|>] .*$/, "").matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  let reached = "";
  const program = createProgram("1.2.3");
  for (const leaf of leavesOf(program))
    leaf.action(() => {
      reached = leaf.path;
    });
  await program.parseAsync(words, { from: "user" });
  return reached;
}
