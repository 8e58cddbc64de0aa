import type { JsonObject } from "@openvibe/core";
import { openApi } from "./api-client.ts";
import { note, printJson, printTable } from "./print.ts";
import type { ShowOptions } from "./runs.ts";

/** `openvibe operators`: who serves what. */
export async function listOperators(options: ShowOptions): Promise<void> {
  const page = await (await openApi(options)).call("GET", "/v1/operators");
  if (options.json === true) return printJson(page);
  const operators = page.data as readonly JsonObject[];
  printTable(["OPERATOR", "WORKFLOWS", "TRIGGERS", "SERVED BY"], operators.map(toRow));
  if (operators.length === 0) note(`there is none yet; serve one with "openvibe serve"`, options);
}

function toRow({ id, workflows, workers }: JsonObject): readonly string[] {
  const known = workflows as readonly { readonly id: string; readonly triggers: readonly { readonly id: string }[] }[];
  const triggers = known.flatMap((workflow) => workflow.triggers.map((trigger) => trigger.id));
  return [String(id), known.map((workflow) => workflow.id).join(", "), triggers.join(", "), servedBy(workers as readonly string[] | null)];
}

function servedBy(workers: readonly string[] | null): string {
  if (workers === null) return "not known now";
  if (workers.length === 0) return "nobody";
  return workers.length === 1 ? "1 worker" : `${workers.length} workers`;
}
