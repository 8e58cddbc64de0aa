import { resolve } from "node:path";
import { readYamlFile } from "@openvibe/composition";
import type { JsonObject } from "@openvibe/core";
import { openApi } from "./api-client.ts";
import { note, print, printJson } from "./print.ts";
import type { ShowOptions } from "./runs.ts";

/** `openvibe operators apply`: each operator of the files by itself, in their order. */
export async function applyOperators(files: readonly string[], options: ShowOptions): Promise<void> {
  const api = await openApi(options);
  const cwd = process.cwd();
  const registered: JsonObject[] = [];
  for (const file of files) {
    const { documents } = await readYamlFile(resolve(cwd, file), { cwd, env: process.env });
    for (const document of documents()) registered.push(await api.call("POST", "/v1/operators", document));
  }
  if (options.json === true) return printJson({ data: registered });
  for (const { id, version } of registered) print(`${String(id)} has version ${String(version)}`);
  note("workers serve them within seconds: openvibe operators", options);
}

/** `openvibe operators rm`. */
export async function removeOperator(operatorId: string, options: ShowOptions): Promise<void> {
  await (await openApi(options)).call("DELETE", `/v1/operators/${encodeURIComponent(operatorId)}`);
  if (options.json === true) printJson({ id: operatorId, removed: true });
  else print(`${operatorId} is removed`);
}
