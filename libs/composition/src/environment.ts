import { resolve } from "node:path";
import { nearestName, OpenVibeError } from "@openvibe/core";
import type { ReadConfigFile } from "./config-file.ts";
import { readSecretFile } from "./secret-file.ts";
import { firstIssue } from "./setting-issue.ts";
import { rowOf, SETTINGS, type Setting, type SettingValues, VARIABLES, type Variable } from "./settings.ts";

/** Names the configuration file; it cannot stand in one. */
export const CONFIG_VARIABLE = "OPENVIBE_CONFIG";

/** Read by the commands that speak to a server, and of no meaning to the server itself. */
const OF_THE_COMMAND = ["OPENVIBE_URL", "OPENVIBE_API_KEY"];

export type Environment = Readonly<Record<string, string | undefined>>;

/** What flags of the command, or code, set over the environment; by the variable's name. */
export type Overrides = Readonly<Partial<Record<Variable | typeof CONFIG_VARIABLE, string | undefined>>>;

export interface Sources {
  readonly env: Environment;
  readonly overrides: Overrides;
  readonly file: ReadConfigFile | undefined;
  /** Read like a file, and counts where that says nothing. */
  readonly defaults: ReadConfigFile | undefined;
}

/** What was found of one setting: its value, or what is wrong. */
type Read = { readonly value?: unknown; readonly fault?: string };

const KEYS = Object.values(SETTINGS).map(({ key }) => key);
const SECRETS = VARIABLES.filter((variable) => rowOf(variable).secret === true);
const fileVariable = (variable: Variable) => `${variable}_FILE`;
const KNOWN: readonly string[] = [...VARIABLES, ...SECRETS.map(fileVariable), CONFIG_VARIABLE];

/** @throws OpenVibeError OV_CONFIG_INVALID naming everything that is wrong, where, and what is allowed, never a value */
export function readSettings(sources: Sources): SettingValues {
  const read = new Map(VARIABLES.map((variable) => [variable, readSetting(variable, rowOf(variable), sources)]));
  const faults = [
    ...unknownVariables(sources.env),
    ...unknownKeys(sources.file),
    ...unknownKeys(sources.defaults),
    ...[...read.values()].flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
  ];
  if (faults.length > 0) throw new OpenVibeError("OV_CONFIG_INVALID", faults.join("; "));
  return Object.fromEntries([...read].map(([variable, { value }]) => [variable, value])) as SettingValues;
}

/** Flags before environment before file before the program's defaults before fallback. What file and program say is checked even where it does not count. */
function readSetting(variable: Variable, row: Setting, { env, overrides, file, defaults }: Sources): Read {
  const inFile = file === undefined ? {} : readFromFile(row, file);
  if (inFile.fault !== undefined) return inFile;
  const inProgram = defaults === undefined ? {} : readFromFile(row, defaults);
  if (inProgram.fault !== undefined) return inProgram;
  const fromText = readFromText(variable, row, overrides[variable] ?? env[variable], overrides[variable] === undefined ? env : {});
  if (fromText.value !== undefined || fromText.fault !== undefined) return fromText;
  const said = inFile.value === undefined ? inProgram : inFile;
  if (said.value !== undefined || row.fallback === undefined) return said;
  return { value: row.type.text.parse(row.fallback) };
}

function readFromText(variable: Variable, row: Setting, text: string | undefined, env: Environment): Read {
  const given = text === "" ? undefined : text;
  const secretFile = row.secret === true ? env[fileVariable(variable)] : undefined;
  if (secretFile === undefined || secretFile === "") return given === undefined ? {} : check(variable, row, given);
  if (given !== undefined) return { fault: `${variable} and ${fileVariable(variable)} are both set; keep one` };
  const { value, fault } = readSecretFile(secretFile);
  return value === undefined ? { fault: `${fileVariable(variable)} ${fault}` } : check(fileVariable(variable), row, value);
}

function readFromFile(row: Setting, file: ReadConfigFile): Read {
  const given = file.values[row.key];
  if (given === undefined || given === null) return {};
  const at = `${file.placeOf([row.key])} ${row.key}`;
  if (row.secret === true && typeof given === "object" && "file" in given && typeof given.file === "string") {
    const { value, fault } = readSecretFile(given.file, file.folder);
    return value === undefined ? { fault: `${at} ${fault}` } : check(at, row, value);
  }
  const parsed = row.type.file.safeParse(given);
  if (parsed.success) return { value: row.type.isPath === true ? fromFolder(file.folder, parsed.data) : parsed.data };
  const { path, message } = firstIssue(parsed.error.issues);
  const place = [row.key, ...path];
  return { fault: `${file.placeOf(place)} ${place.join(".")} ${message}` };
}

function fromFolder(folder: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => fromFolder(folder, each));
  return value === ":memory:" ? value : resolve(folder, String(value));
}

function check(name: string, row: Setting, text: string): Read {
  const parsed = row.type.text.safeParse(text);
  if (parsed.success) return { value: parsed.data };
  const { path, message } = firstIssue(parsed.error.issues);
  return { fault: `${[name, ...path].join(".")} ${message}` };
}

function unknownVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("OPENVIBE_") && !name.startsWith("OPENVIBE_TEST_") && ![...KNOWN, ...OF_THE_COMMAND].includes(name))
    .map((name) => `${name} is no variable of OpenVibe${nearest(VARIABLES.find((known) => fileVariable(known) === name) ?? name, KNOWN)}`);
}

function unknownKeys(file: ReadConfigFile | undefined): string[] {
  if (file === undefined) return [];
  return Object.keys(file.values)
    .filter((key) => key !== "$schema" && !KEYS.some((known) => known === key))
    .map((key) => `${file.placeOf([key])} ${JSON.stringify(key.slice(0, 80))} is no setting of OpenVibe${nearest(key, KEYS)}`);
}

/** What they all begin with says nothing about which one was meant. */
function nearest(name: string, known: readonly string[]): string {
  const bare = (variable: string) => variable.replace(/^OPENVIBE_/, "");
  const near = nearestName(bare(name), known.map(bare));
  return near === undefined ? "" : `; did you mean ${known.find((each) => bare(each) === near)}?`;
}
