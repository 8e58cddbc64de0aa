import { isPlainObject, type JsonObject, type LiveEvent } from "@openvibe/core";

/** A live event as it is told on every wire. */
export function toLiveBody({ type, time, operatorId, workflowId, runId, nodeId, attempt, number, data }: LiveEvent): JsonObject {
  return { type, time, operator_id: operatorId, workflow_id: workflowId, run_id: runId, node_id: nodeId, attempt, number, data };
}

/** Reads what `toLiveBody` wrote; `undefined` when it is no such event. */
export function parseLiveBody(body: JsonObject): LiveEvent | undefined {
  const { type, time, operator_id, workflow_id, run_id, node_id, attempt, number, data } = body;
  if (typeof type !== "string" || typeof time !== "string" || typeof operator_id !== "string" || typeof workflow_id !== "string")
    return undefined;
  if (typeof run_id !== "string" || typeof attempt !== "number" || typeof number !== "number" || !isPlainObject(data)) return undefined;
  const nodeId = typeof node_id === "string" ? node_id : null;
  return { type, time, operatorId: operator_id, workflowId: workflow_id, runId: run_id, nodeId, attempt, number, data: data as JsonObject };
}
