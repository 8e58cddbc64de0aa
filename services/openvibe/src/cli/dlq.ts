import type { JsonObject } from "@openvibe/core";
import { openApi } from "./api-client.ts";
import { getRun, runPath } from "./find-run.ts";
import { note, print, printJson, printRun, printRunPage, watchLine } from "./print.ts";
import type { ListOptions, ShowOptions } from "./runs.ts";

export async function listDeadLetters(options: ListOptions): Promise<void> {
  const api = await openApi(options);
  const query = new URLSearchParams({ limit: options.limit });
  for (const name of ["operator", "cursor"] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const page = await api.call("GET", `/v1/dead-letters?${query}`);
  if (options.json === true) return printJson(page);
  printRunPage(page, options);
  const [newest] = page.data as readonly JsonObject[];
  note(newest === undefined ? "there is none" : `look at one with: openvibe dlq show ${String(newest.run_id)}`, options);
}

export async function showDeadLetter(runId: string, options: ShowOptions): Promise<void> {
  const api = await openApi(options);
  const run = await getRun(api, runId);
  if (run.status !== "dead_lettered") note(`this run is no dead letter: it is ${String(run.status)}`, options);
  if (options.json === true) return printJson(run);
  printRun(run);
  print(`  input ${JSON.stringify(run.input)}`);
  if (run.status === "dead_lettered") note(`start it anew with: openvibe dlq redrive ${runId}`, options);
}

/** Makes a new run with the same input; the dead one stays as it ended. */
export async function redrive(runId: string, options: ShowOptions): Promise<void> {
  const api = await openApi(options);
  const run = await api.call("POST", `${runPath(await getRun(api, runId))}/redrive`);
  if (options.json === true) return printJson(run);
  printRun(run);
  note(`see it with: ${watchLine(run, options)}`, options);
}
