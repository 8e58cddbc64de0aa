import type { JsonObject } from "@openvibe/core";
import { type ApiOptions, openApi } from "./api-client.ts";
import { print, printRun, printTable } from "./print.ts";
import { type WatchOptions, watch } from "./watch.ts";

export interface ListOptions extends ApiOptions {
  readonly operator?: string;
  readonly workflow?: string;
  readonly status?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export async function listRuns(options: ListOptions): Promise<void> {
  const api = await openApi(options);
  const query = new URLSearchParams({ limit: options.limit });
  if (options.workflow !== undefined) query.set("workflow", options.workflow);
  if (options.status !== undefined) query.set("status", options.status);
  const path = options.operator === undefined ? "/v1/runs" : `/v1/operators/${encodeURIComponent(options.operator)}/runs`;
  const page = await api.call("GET", `${path}?${query}`);
  if (options.json === true) return print(JSON.stringify(page));
  const rows = (page.data as readonly JsonObject[]).map((run) =>
    [run.run_id, `${String(run.operator_id)}.${String(run.workflow_id)}`, run.status, run.created_at].map(String),
  );
  printTable(["RUN", "WORKFLOW", "STATUS", "CREATED"], rows);
}

export async function oneRun(
  verb: "get" | "watch" | "cancel",
  operatorId: string,
  runId: string,
  options: ApiOptions & WatchOptions,
): Promise<void> {
  const api = await openApi(options);
  const path = `/v1/operators/${encodeURIComponent(operatorId)}/runs/${encodeURIComponent(runId)}`;
  const run = await api.call(verb === "cancel" ? "DELETE" : "GET", path);
  if (verb === "watch") return await watch(api, run, options);
  if (options.json === true) print(JSON.stringify(run));
  else printRun(run);
}
