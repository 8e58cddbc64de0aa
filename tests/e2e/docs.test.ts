/**
 * Reads README and the pages of docs/ aloud: every command is typed, every file saved, every TypeScript block compiled, every shown output compared.
 * Only ports, a vendor's key and what differs from run to run are not as printed. What a page says to this test: docs/writing-docs.md.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startNats } from "@openvibe/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Surroundings } from "../support/docs-desk.ts";
import { blocksOf, type Page, readPage } from "../support/docs-page.ts";
import { readAloud, type Tally } from "../support/docs-reader.ts";
import { installPackages, type Packed, packPackages, ROOT } from "../support/installed.ts";

/** Inside the workspace, so that imports are found; a dot and a list of its own keep it from everybody else. */
const CHECKED = join(ROOT, "tests/.docs-blocks");
const NAMES = ["README.md", "services/openvibe/README.md", ...globSync("docs/*.md", { cwd: ROOT }).sort()];

const tallies = new Map<string, Tally>();
let packed: Packed;
let surroundings: Surroundings;
let compiled = 0;

beforeAll(async () => {
  packed = await packPackages();
  surroundings = { installed: await installPackages(packed), env: packed.env };
  // Once per machine it may have to be built, which is not what is measured here.
  await (await startNats({ own: true }))[Symbol.asyncDispose]();
}, 600_000);

afterAll(async () => {
  await rm(CHECKED, { recursive: true, force: true });
  await packed?.[Symbol.asyncDispose]();
  report();
});

test("every TypeScript block compiles, strictly, against the workspace's packages", async () => {
  const pages = await Promise.all(NAMES.map(readPage));
  await rm(CHECKED, { recursive: true, force: true });
  await write(".gitignore", "*\n");
  await write(
    "tsconfig.json",
    '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "noEmit": true }, "include": ["**/*.ts"] }\n',
  );
  for (const page of pages) compiled += await writeBlocks(page);

  const { stdout } = await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), ["-p", CHECKED], { cwd: ROOT }).catch(
    (error: unknown) => error as { stdout: string },
  );

  expect(stdout).toBe("");
  expect(compiled).toBeGreaterThan(5);
});

test("the indexes name every page and decision, and every link leads somewhere", async () => {
  const decisions = globSync("docs/decisions/*.md", { cwd: ROOT });
  const texts = await Promise.all([...NAMES, ...decisions].map(async (name) => ({ name, text: await readFile(join(ROOT, name), "utf8") })));
  const links = texts.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path, heading]) => ({
      from: name,
      to: path === "" ? name : join(dirname(name), path ?? ""),
      heading,
    })),
  );
  const headings = async (file: string) =>
    [...(await readFile(join(ROOT, file), "utf8")).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => toAnchor(title));
  const dead: string[] = [];
  for (const { from, to, heading } of links)
    if (!existsSync(join(ROOT, to)) || (heading !== undefined && !(await headings(to)).includes(heading)))
      dead.push(`${from}: ${to}#${heading ?? ""}`);
  const pagesOf = (index: string) => links.filter(({ from }) => from === index).map(({ to }) => to);
  const pages = pagesOf("docs/README.md");
  const listed = pagesOf("docs/decisions/README.md");

  expect(dead).toEqual([]);
  expect(NAMES.filter((name) => name.startsWith("docs/") && name !== "docs/README.md" && !pages.includes(name))).toEqual([]);
  expect(decisions.filter((name) => name !== "docs/decisions/README.md" && !listed.includes(name))).toEqual([]);
});

// One after the other: some pages pack the workspace, and each should meet a machine that does nothing else.
describe("doing what is written in", () => {
  test.each(NAMES)(
    "%s gives what is shown there",
    async (name) => {
      tallies.set(name, await readAloud(await readPage(name), surroundings));
    },
    600_000,
  );
});

/** A block that continues another takes its place. */
async function writeBlocks(page: Page): Promise<number> {
  const blocks = blocksOf(page, "ts").filter(({ excused }) => excused === undefined);
  let name = "";
  for (const { continues, save, line, text } of blocks) {
    if (continues !== true) name = save ?? `line-${line}.ts`;
    await write(join(page.name.replace(/\W/g, "-"), name), text);
  }
  return blocks.length;
}

/** As GitHub makes it of a heading. */
function toAnchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(CHECKED, name)), { recursive: true });
  await writeFile(join(CHECKED, name), text);
}

function report(): void {
  const all = [...tallies.values()];
  const sum = (key: "typed" | "saved" | "compared") => all.reduce((total, tally) => total + tally[key], 0);
  const excused = all.flatMap((tally) => tally.excused);
  process.stdout.write(
    `docs: ${all.length} pages; ${sum("typed")} commands run, ${sum("saved")} files saved, ${sum("compared")} outputs compared, ${compiled} TypeScript blocks type-checked, ${excused.length} blocks excused\n${excused.map((each) => `  ${each}\n`).join("")}`,
  );
}
