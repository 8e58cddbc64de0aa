import { cp, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, OpenVibeError } from "@openvibe/core";
import { installLine, quoted } from "./install-line.ts";
import { note, print, printJson } from "./print.ts";

/** The project as data. npm would not publish a `.gitignore`, and takes a nested package.json for a package: both carry another name there. */
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const TEMPLATE = new URL("../../templates/project/", import.meta.url);
const RENAMED: Readonly<Record<string, string>> = { _gitignore: ".gitignore", "_package.json": "package.json" };
const WITH_PLACES = ["package.json", "README.md"];

export interface InitOptions {
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `openvibe init`: writes a project that runs. Nothing is written when the folder is refused. */
export async function init(folder: string, options: InitOptions): Promise<void> {
  const path = resolve(folder);
  await assertFree(path, options.force === true);
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  const install = await installLine(PACKAGE);
  const places = { name: toPackageName(basename(path)), version, install };
  try {
    await mkdir(path, { recursive: true });
    await cp(fileURLToPath(TEMPLATE), path, { recursive: true, force: true });
    for (const [from, to] of Object.entries(RENAMED)) await rename(join(path, from), join(path, to));
    for (const file of WITH_PLACES) await fill(join(path, file), places);
  } catch (cause) {
    throw new OpenVibeError("OV_PARAMETER_INVALID", `${path} cannot be written: ${messageOf(cause)}`, { cause });
  }

  const files = await filesOfTemplate();
  if (options.json === true) return printJson({ folder: path, files });
  for (const file of files) print(join(folder, file));
  const enter = relative(process.cwd(), path) === "" ? "" : `cd ${quoted(relative(process.cwd(), path))} && `;
  note(`go on with: ${enter}${install} && npm test && npx openvibe dev`, options);
}

async function assertFree(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isDirectory()) throw new OpenVibeError("OV_PARAMETER_INVALID", `${path} is a file; name a folder`);
  const names = await readdir(path);
  if (names.length === 0 || force) return;
  throw new OpenVibeError(
    "OV_PARAMETER_INVALID",
    `${path} is not empty (it holds ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}); name another folder, or add --force`,
  );
}

async function fill(file: string, places: Readonly<Record<string, string>>): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(
    file,
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => places[name] ?? whole),
  );
}

async function filesOfTemplate(): Promise<readonly string[]> {
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
  const root = fileURLToPath(TEMPLATE);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, RENAMED[entry.name] ?? entry.name)))
    .toSorted();
}

/** https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name */
function toPackageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return name === "" ? "my-operators" : name.slice(0, 100);
}
