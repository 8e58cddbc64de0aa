import { isOpenVibeError, type JsonObject, OpenVibeError } from "@openvibe/core";
import type { ApiClient } from "./api-client.ts";

/** A run by its id alone. @throws OpenVibeError OV_RUN_NOT_FOUND */
export async function getRun(api: ApiClient, runId: string): Promise<JsonObject> {
  try {
    return await api.call("GET", `/v1/runs/${encodeURIComponent(runId)}`);
  } catch (error) {
    if (!isOpenVibeError(error, "OV_ROUTE_NOT_FOUND")) throw error;
  }
  // A server from before that route: the operators are asked, one by one.
  const { data } = await api.call("GET", "/v1/operators");
  for (const { id } of data as readonly JsonObject[]) {
    try {
      return await api.call("GET", `/v1/operators/${String(id)}/runs/${encodeURIComponent(runId)}`);
    } catch (error) {
      if (!isOpenVibeError(error, "OV_RUN_NOT_FOUND")) throw error;
    }
  }
  throw new OpenVibeError("OV_RUN_NOT_FOUND", `there is no run ${runId}`);
}

/** Where a run lies, stream and all. */
export function runPath(run: JsonObject): string {
  return `/v1/operators/${String(run.operator_id)}/runs/${String(run.run_id)}`;
}
