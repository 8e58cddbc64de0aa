import type { JsonObject } from "@openvibe/core";
import type { ApiClient } from "./api-client.ts";

/** A run by its id alone. @throws OpenVibeError OV_RUN_NOT_FOUND */
export async function getRun(api: ApiClient, runId: string): Promise<JsonObject> {
  return await api.call("GET", `/v1/runs/${encodeURIComponent(runId)}`);
}

/** Where a run lies, stream and all. */
export function runPath(run: JsonObject): string {
  return `/v1/operators/${String(run.operator_id)}/runs/${String(run.run_id)}`;
}
