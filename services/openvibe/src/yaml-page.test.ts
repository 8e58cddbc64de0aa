/** docs/yaml.md shows what is read as it stands there: whole files, and parts of one. */
import { readFileSync } from "node:fs";
import { readOperatorsYaml, toHandlerTable } from "@openvibe/sdk/yaml";
import { expect, test } from "vitest";

const PAGE = readFileSync(new URL("../../../docs/yaml.md", import.meta.url), "utf8");
const BLOCKS = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);

const indented = (text: string, by: number) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));
const WAIT = "        nodes: [{ id: rest, type: wait, duration: 1s }]\n";
const STATE = BLOCKS.find((text) => text.startsWith("state:")) ?? "";

/** A part stands where it would in a file. */
function toFile(block: string): string {
  if (/^operators:/m.test(block)) return block;
  if (block.startsWith("id:")) return `operators:\n  - ${indented(block, 4).trimStart()}`;
  const head = "operators:\n  - id: company_intel\n    name: Desk\n";
  const nodes = block.startsWith("- id:") ? `        nodes:\n${indented(block, 10)}` : WAIT;
  if (block.startsWith("triggers:"))
    return `${head}    state: { report: string }\n    workflows:\n      - id: research\n${indented(block, 8)}${nodes}`;
  const rest = block.startsWith("state:")
    ? indented(block, 4)
    : indented(block.startsWith("- id:") ? STATE : `state: { report: string }\n${block}`, 4);
  return `${head}${rest}    workflows:\n      - id: research\n${nodes}`;
}

test.each(BLOCKS.map((block) => [block.split("\n").find((line) => !line.startsWith("#")) ?? "", block]))("%s", (_first, block) => {
  const nothing = () => ({});
  const handlers = toHandlerTable({ company_intel: { research: { decide: nothing, tell: nothing } } }, (what) => new Error(what));
  const read = readOperatorsYaml(toFile(block), { name: "docs/yaml.md", env: {} });

  const prompts = new Map(read.promptFiles.map(({ file }) => [file, { name: file, text: "Company: {{company_name}}" }]));

  expect(read.compile({ prompts, handlers })).toHaveLength(1);
});

test("every kind of block of the page is there", () => {
  expect(BLOCKS).toHaveLength(7);
});
