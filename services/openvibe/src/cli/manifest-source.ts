import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { listOperatorFiles, loadConfig, loadOperators } from "@openvibe/composition";
import { findManifestFault, messageOf, OpenVibeError, type OperatorManifest, parseStrictJson } from "@openvibe/core";
import { whileLoading } from "../while-loading.ts";
import { type ApiOptions, openApi } from "./api-client.ts";

export interface NamedManifest {
  readonly manifest: OperatorManifest;
  readonly version: string;
}

/**
 * The manifests that a word stands for: an operator's file, a JSON file that holds what `GET /v1/operators/{id}` answers, or an operator at a server,
 * as `id` or `id@version`. Without a word, the operators of the configuration.
 * @throws OpenVibeError OV_CONFIG_INVALID, OV_DEFINITION_INVALID, OV_OPERATOR_NOT_FOUND, OV_STORE_UNAVAILABLE
 */
export async function readManifests(source: string | undefined, options: ApiOptions): Promise<readonly NamedManifest[]> {
  if (source === undefined) return await loadFiles(await listOperatorFiles((await loadConfig(process.env)).operatorFiles, process.cwd()));
  if (statSync(source, { throwIfNoEntry: false }) === undefined) return [await askServer(source, options)];
  return source.endsWith(".json") ? [await readJsonFile(source)] : await loadFiles([source]);
}

async function loadFiles(files: readonly string[]): Promise<readonly NamedManifest[]> {
  const definitions = await whileLoading(() => loadOperators({ files, cwd: process.cwd(), env: process.env }));
  return definitions.map(({ manifest, version }) => ({ manifest, version }));
}

async function readJsonFile(file: string): Promise<NamedManifest> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new OpenVibeError("OV_CONFIG_INVALID", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  return toNamed(parseStrictJson(text, file), file);
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}(?:@[A-Za-z0-9_.-]{1,64})?$/;

async function askServer(source: string, options: ApiOptions): Promise<NamedManifest> {
  if (!NAME.test(source))
    throw new OpenVibeError("OV_CONFIG_INVALID", `there is no file ${source}; an operator at a server is named by its id, or id@version`);
  const [id, version] = source.split("@");
  const query = version === undefined ? "" : `?version=${encodeURIComponent(version)}`;
  return toNamed(await (await openApi(options)).call("GET", `/v1/operators/${id}${query}`), source);
}

/** A manifest's own; what a server says of it beside them is left out. */
const MEMBERS = [
  "id",
  "name",
  "description",
  "owner",
  "output",
  "workflows",
  "answers",
] as const satisfies readonly (keyof OperatorManifest)[];

function toNamed(value: unknown, source: string): NamedManifest {
  const { version, ...told } = value as Readonly<Record<string, unknown>>;
  const manifest = Object.fromEntries(MEMBERS.flatMap((member) => (told[member] === undefined ? [] : [[member, told[member]]])));
  const fault = findManifestFault(manifest, String(manifest.id));
  if (fault !== undefined) throw new OpenVibeError("OV_DEFINITION_INVALID", `${source} holds no operator: ${fault}`);
  return { manifest: manifest as unknown as OperatorManifest, version: typeof version === "string" ? version : "unknown" };
}
