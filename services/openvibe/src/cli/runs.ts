import { type JsonObject, nearestName } from "@openvibe/core";
import { type ApiClient, type ApiOptions, openApi } from "./api-client.ts";
import { getRun, runPath } from "./find-run.ts";
import { note, printJson, printRun, printRunPage, watchLine } from "./print.ts";
import { readJson } from "./read-json.ts";
import { type WatchOptions, watch } from "./watch.ts";

export interface ShowOptions extends ApiOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface ListOptions extends ShowOptions {
  readonly operator?: string;
  readonly workflow?: string;
  readonly parent?: string;
  readonly status?: string;
  readonly limit: string;
  readonly cursor?: string;
}

export async function listRuns(options: ListOptions): Promise<void> {
  const api = await openApi(options);
  const query = new URLSearchParams({ limit: options.limit });
  for (const name of ["workflow", "parent", "status", "cursor"] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const path = options.operator === undefined ? "/v1/runs" : `/v1/operators/${encodeURIComponent(options.operator)}/runs`;
  const page = await api.call("GET", `${path}?${query}`);
  if (options.json === true) printJson(page);
  else printRunPage(page, options);
  if ((page.data as readonly JsonObject[]).length === 0) note(await whyNone(api, options), options);
}

/** An empty list may come from a misspelt workflow, which no server refuses: runs may outlive it. */
async function whyNone(api: ApiClient, { operator, workflow }: ListOptions): Promise<string> {
  if (workflow === undefined) return "there is no such run";
  const { data } = await api.call("GET", "/v1/operators");
  const known = (data as readonly { readonly id: string; readonly workflows: readonly { readonly id: string }[] }[])
    .filter(({ id }) => operator === undefined || id === operator)
    .flatMap(({ workflows }) => workflows.map(({ id }) => id));
  if (known.includes(workflow)) return "there is no such run";
  const near = nearestName(workflow, known);
  return `there is no workflow ${workflow}; ${near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`}`;
}

export async function showRun(runId: string, options: ShowOptions): Promise<void> {
  const run = await getRun(await openApi(options), runId);
  if (options.json === true) printJson(run);
  else printRun(run);
}

export async function watchRun(runId: string, options: WatchOptions): Promise<void> {
  const api = await openApi(options);
  await watch(api, await getRun(api, runId), options);
}

/** Answers a run that waits for people. */
export async function resumeRun(runId: string, given: string, options: ShowOptions & { readonly by?: string }): Promise<void> {
  const api = await openApi(options);
  const answer = await readJson(given, "the answer");
  const body = { answer, ...(options.by === undefined ? {} : { by: options.by }) };
  const run = await api.call("POST", `${runPath(await getRun(api, runId))}/resume`, body);
  if (options.json === true) printJson(run);
  else printRun(run);
  note(`see it with: ${watchLine(run, options)}`, options);
}

export interface RerunOptions extends ShowOptions {
  readonly from?: string;
  readonly input?: string;
  readonly set?: JsonObject;
  readonly model?: JsonObject;
}

/** Runs again what has ended, from a step and with changes. */
export async function rerunRun(runId: string, options: RerunOptions): Promise<void> {
  const api = await openApi(options);
  const { from, input, set, model } = options;
  const body = {
    ...(from === undefined ? {} : { from_step: from }),
    ...(input === undefined ? {} : { input: await readJson(input, "the input") }),
    ...(set === undefined ? {} : { state: set }),
    ...(model === undefined ? {} : { model }),
  };
  const run = await api.call("POST", `${runPath(await getRun(api, runId))}/rerun`, body);
  if (options.json === true) printJson(run);
  else printRun(run);
  note(`see it with: ${watchLine(run, options)}`, options);
}

export async function cancelRun(runId: string, options: ShowOptions): Promise<void> {
  const api = await openApi(options);
  const run = await api.call("DELETE", runPath(await getRun(api, runId)));
  if (options.json === true) printJson(run);
  else printRun(run);
  if (run.completed_at === null) note("it is running, and ends when its step does", options);
}
