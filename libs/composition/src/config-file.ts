import { isUtf8 } from "node:buffer";
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isPlainObject, messageOf, OpenVibeError } from "@openvibe/core";
import { parseYaml } from "./parse-yaml.ts";

/** A configuration file as it was read: nothing in it is checked yet. */
export interface ReadConfigFile {
  /** As a message names it: from the working folder. */
  readonly name: string;
  /** What its paths begin from. */
  readonly folder: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** `openvibe.config.yaml:3:1`, or the name alone where lines are not known. */
  placeOf(path: readonly PropertyKey[]): string;
}

/** What a program says in code, by the same names as in a file; its paths begin from the working folder. */
export function toDefaults(values: Readonly<Record<string, unknown>>): ReadConfigFile {
  return { name: "configure()", folder: process.cwd(), values, placeOf: () => "configure():" };
}

/** A megabyte would take the reader seconds. */
const MAX_BYTES = 262_144;
const CODE = [".ts", ".mts", ".js", ".mjs"];
const DATA = [".yaml", ".yml", ".json"];
const NAMES = [...CODE, ...DATA].map((ending) => `openvibe.config${ending}`);

/**
 * Reads the file that is named, else the `openvibe.config.*` of the working folder, if there is one.
 * @throws OpenVibeError OV_CONFIG_INVALID
 */
export async function readConfigFile(cwd: string, named?: string): Promise<ReadConfigFile | undefined> {
  const path = named === undefined ? findIn(cwd) : resolve(cwd, named);
  if (path === undefined) return undefined;
  const name = nameOf(path, cwd);
  const ending = extname(path);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw wrong(`there is no configuration file ${name}`);
  if (CODE.includes(ending)) return { ...(await importValues(path, name)), folder: dirname(path) };
  if (!DATA.includes(ending)) throw wrong(`${name} is no configuration file; its name ends with one of ${[...CODE, ...DATA].join(", ")}`);
  return { ...parseYaml(await readText(path, name), name), name, folder: dirname(path) };
}

async function readText(path: string, name: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw wrong(`${name} cannot be read: ${messageOf(cause)}`, cause);
  });
  if (bytes.length > MAX_BYTES) throw wrong(`${name} is larger than the ${MAX_BYTES} bytes of a configuration`);
  if (!isUtf8(bytes)) throw wrong(`${name} is not UTF-8`);
  return bytes.toString("utf8");
}

function findIn(cwd: string): string | undefined {
  const found = NAMES.filter((name) => existsSync(join(cwd, name)));
  if (found.length > 1) throw wrong(`there are ${found.join(" and ")}; keep one, or name it with --config or OPENVIBE_CONFIG`);
  return found[0] === undefined ? undefined : join(cwd, found[0]);
}

async function importValues(path: string, name: string): Promise<Pick<ReadConfigFile, "name" | "values" | "placeOf">> {
  const module = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw wrong(`${name} cannot be loaded: ${messageOf(cause)}`, cause);
  });
  const { default: values } = module as { readonly default?: unknown };
  if (!isPlainObject(values)) throw wrong(`${name} must end with: export default defineConfig({ … })`);
  return { name, values, placeOf: () => name };
}

function nameOf(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
}

function wrong(message: string, cause?: unknown): OpenVibeError {
  return new OpenVibeError("OV_CONFIG_INVALID", message, cause === undefined ? {} : { cause });
}
