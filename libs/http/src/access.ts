import { OpenVibeError, type OperatorId } from "@openvibe/core";
import type { FastifyRequest } from "fastify";
import type { Caller } from "./auth.ts";

/** What every route asks of a key, before anything is read or done. @throws OpenVibeError OV_FORBIDDEN */
export function assertMay(caller: Caller, request: FastifyRequest): void {
  const { config, url = "" } = request.routeOptions;
  const scope = config.scope ?? (request.method === "GET" || request.method === "HEAD" ? "read" : "run");
  if (!caller.scopes.has(scope))
    throw new OpenVibeError("OV_FORBIDDEN", `this API key lacks the scope ${scope}, which ${request.method} ${url} needs`, {
      extra: { required_scope: scope },
    });
  const { operator_id: operatorId } = request.params as { readonly operator_id?: string };
  if (operatorId !== undefined) assertMayOperator(caller, operatorId);
  else if (caller.operators !== undefined && config.leavesOutOthers !== true)
    throw new OpenVibeError(
      "OV_FORBIDDEN",
      `this API key is for the operators ${listed(caller.operators)} only, and ${request.method} ${url} belongs to all of them together`,
    );
}

/** @throws OpenVibeError OV_FORBIDDEN when the caller's key is for other operators */
export function assertMayOperator(caller: Caller, operatorId: OperatorId): void {
  if (maySee(caller, operatorId)) return;
  throw new OpenVibeError(
    "OV_FORBIDDEN",
    `this API key is for the operators ${listed(caller.operators)} only, not for ${operatorId.slice(0, 64)}`,
  );
}

/** Whether something of this operator may be told to the caller. What is nobody's (`undefined`) is told to those who may see all. */
export function maySee({ operators }: Caller, operatorId: OperatorId | undefined): boolean {
  return operators === undefined || (operatorId !== undefined && operators.has(operatorId));
}

function listed(operators: Caller["operators"]): string {
  return [...(operators ?? [])].join(", ");
}
