import type { OperatorId, Run, RunId } from "@openvibe/core";
import { OpenVibeError } from "@openvibe/core";
import { maySee, parseParams } from "@openvibe/http";
import type { FastifyRequest } from "fastify";
import type { GatewayDeps } from "./gateway-deps.ts";

/** A run's two addresses: run ids are unique, so that the operator may be left out. `suffix` tells the two operations apart in OpenAPI. */
export const RUN_ADDRESSES = [
  { url: "/operators/:operator_id/runs/:run_id", suffix: "" },
  { url: "/runs/:run_id", suffix: "_by_id" },
] as const;

interface RunAddress {
  readonly operatorId: OperatorId | undefined;
  readonly runId: RunId;
}

/**
 * The run at one of its addresses. To a key that is for other operators it is not there: such a key may ask at the address without one
 * (`leavesOutOthers`).
 * @throws OpenVibeError OV_ID_INVALID, OV_RUN_NOT_FOUND
 */
export async function getRunAt(
  { store }: Pick<GatewayDeps, "store">,
  { params, caller }: Pick<FastifyRequest, "params" | "caller">,
): Promise<Run> {
  const { operatorId, runId } = parseRunAddress(params);
  const run = await store.runs.find(runId);
  if (run !== undefined && (operatorId === undefined ? maySee(caller, run.operatorId) : run.operatorId === operatorId)) return run;
  throw runNotFound(runId, operatorId);
}

export function runNotFound(runId: RunId, operatorId: OperatorId | undefined): OpenVibeError {
  return new OpenVibeError(
    "OV_RUN_NOT_FOUND",
    operatorId === undefined ? `there is no run ${runId}` : `operator ${operatorId} has no run ${runId}`,
  );
}

function parseRunAddress(params: unknown): RunAddress {
  const { run_id: runId } = parseParams(params, { run_id: "run" });
  const named = Object.hasOwn(params as object, "operator_id");
  return { operatorId: named ? parseParams(params, { operator_id: "operator" }).operator_id : undefined, runId };
}
