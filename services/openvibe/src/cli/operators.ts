import type { JsonObject } from "@openvibe/core";
import { type ApiClient, openApi } from "./api-client.ts";
import { note, print, printJson, printTable } from "./print.ts";
import type { ShowOptions } from "./runs.ts";

/** `openvibe operators`: who serves what, where. */
export async function listOperators(options: ShowOptions): Promise<void> {
  const api = await openApi(options);
  const page = await api.call("GET", "/v1/operators");
  const operators = await Promise.all((page.data as readonly JsonObject[]).map(async (one) => await withInstances(api, one)));
  if (options.json === true) return printJson({ ...page, data: operators });
  printTable(["OPERATOR", "WORKFLOWS", "TRIGGERS", "ANSWERS", "SERVED BY"], operators.map(toRow));
  const instances = operators.flatMap(toInstanceRows);
  if (instances.length > 0) {
    print("");
    printTable(["OPERATOR", "INSTANCE", "VERSION", "ANSWERS", "SINCE"], instances);
  }
  if (operators.length === 0) note(`there is none yet; serve one with "openvibe serve"`, options);
}

async function withInstances(api: ApiClient, operator: JsonObject): Promise<JsonObject> {
  const { instances = null } = await api.call("GET", `/v1/operators/${String(operator.id)}`);
  return { ...operator, instances };
}

function toRow({ id, workflows, workers, capabilities }: JsonObject): readonly string[] {
  const known = workflows as readonly { readonly id: string; readonly triggers: readonly { readonly id: string }[] }[];
  const triggers = known.flatMap((workflow) => workflow.triggers.map((trigger) => trigger.id));
  return [
    String(id),
    known.map((workflow) => workflow.id).join(", "),
    triggers.join(", "),
    listed(capabilities),
    servedBy(workers as readonly string[] | null),
  ];
}

function toInstanceRows({ id, instances }: JsonObject): readonly (readonly string[])[] {
  const known = (instances ?? []) as readonly JsonObject[];
  return known.map((one) => [String(id), String(one.id), String(one.version), listed(one.capabilities), String(one.since)]);
}

function listed(names: unknown): string {
  return Array.isArray(names) && names.length > 0 ? names.join(", ") : "-";
}

function servedBy(workers: readonly string[] | null): string {
  if (workers === null) return "not known now";
  if (workers.length === 0) return "nobody";
  return workers.length === 1 ? "1 worker" : `${workers.length} workers`;
}
