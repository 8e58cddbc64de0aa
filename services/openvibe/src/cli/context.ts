import { setTimeout as sleep } from "node:timers/promises";
import { isOpenVibeError, type JsonObject } from "@openvibe/core";
import { type ApiClient, openApi } from "./api-client.ts";
import { note, noteMore, print, printJson, printTable } from "./print.ts";
import { readJson } from "./read-json.ts";
import type { ShowOptions } from "./runs.ts";

export async function listKeys(
  bucket: string,
  options: ShowOptions & { readonly prefix?: string; readonly limit: string; readonly cursor?: string },
): Promise<void> {
  const api = await openApi(options);
  const query = new URLSearchParams({ limit: options.limit });
  for (const name of ["prefix", "cursor"] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const page = await api.call("GET", `/v1/context/${encodeURIComponent(bucket)}?${query}`);
  if (options.json === true) return printJson(page);
  const rows = (page.data as readonly JsonObject[]).map(({ key, revision, size, created_at }) =>
    [key, revision, size, created_at].map(String),
  );
  printTable(["KEY", "REVISION", "BYTES", "CREATED"], rows);
  noteMore(page, options);
}

/** The value alone, as it can be piped on; with `--json` the entry. */
export async function getEntry(bucket: string, key: string, options: ShowOptions): Promise<void> {
  const entry = await (await openApi(options)).call("GET", pathOf(bucket, key));
  if (options.json === true) printJson(entry);
  else print(JSON.stringify(entry.value, null, 2));
}

export async function putEntry(
  bucket: string,
  key: string,
  given: string,
  options: ShowOptions & { readonly create?: boolean; readonly ifMatch?: string },
): Promise<void> {
  const api = await openApi(options);
  const value = await readJson(given, "the value");
  const condition: Record<string, string> = {
    ...(options.create === true ? { "if-none-match": "*" } : {}),
    ...(options.ifMatch === undefined ? {} : { "if-match": options.ifMatch }),
  };
  // A value may be any JSON; the client's type speaks of the bodies of all other routes.
  const written = await api.call("PUT", pathOf(bucket, key), value as JsonObject, condition);
  if (options.json === true) printJson(written);
  else print(`${bucket}/${key} has revision ${String(written.revision)}`);
}

export async function removeEntry(bucket: string, key: string, options: ShowOptions & { readonly ifMatch?: string }): Promise<void> {
  const api = await openApi(options);
  const condition: Record<string, string> = options.ifMatch === undefined ? {} : { "if-match": options.ifMatch };
  await api.call("DELETE", pathOf(bucket, key), undefined, condition);
  if (options.json === true) printJson({ bucket, key, deleted: true });
  else print(`${bucket}/${key} is deleted`);
}

export async function watchEntry(
  bucket: string,
  key: string,
  options: ShowOptions & { readonly every: number; readonly timeout?: number },
): Promise<void> {
  const api = await openApi(options);
  const endAt = performance.now() + (options.timeout ?? Number.POSITIVE_INFINITY);
  let revision: unknown;
  do {
    const entry = await findChanged(api, pathOf(bucket, key), revision);
    if (entry === "gone" && revision !== "gone") {
      if (options.json === true) printJson({ bucket, key, value: null, deleted: true });
      else note(`${bucket}/${key} is not there`, options);
    } else if (typeof entry === "object") {
      if (options.json === true) printJson(entry);
      else print(`revision ${String(entry.revision)}  ${JSON.stringify(entry.value)}`);
    }
    revision = typeof entry === "object" ? entry.revision : entry === "gone" ? entry : revision;
    await sleep(Math.max(0, Math.min(options.every, endAt - performance.now())));
  } while (performance.now() < endAt);
}

/** The entry, when it is not the one of `revision`. */
async function findChanged(api: ApiClient, path: string, revision: unknown): Promise<JsonObject | "same" | "gone"> {
  const condition: Record<string, string> = typeof revision === "number" ? { "if-none-match": `"${revision}"` } : {};
  try {
    const entry: JsonObject | undefined = await api.call("GET", path, undefined, condition);
    return entry ?? "same"; // an answer of 304 has no body
  } catch (error) {
    if (isOpenVibeError(error, "OV_KEY_NOT_FOUND")) return "gone";
    throw error;
  }
}

function pathOf(bucket: string, key: string): string {
  return `/v1/context/${encodeURIComponent(bucket)}/${encodeURIComponent(key)}`;
}
