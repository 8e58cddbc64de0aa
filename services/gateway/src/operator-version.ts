import { OpenVibeError, type OperatorId } from "@openvibe/core";
import { textParameter } from "@openvibe/http";
import type { StoredManifest } from "@openvibe/store";
import type { RouteDeps } from "./gateway-deps.ts";

export const VERSION = textParameter({
  pattern: /^[A-Za-z0-9_.-]{1,64}$/,
  what: "a version, as a run tells it",
  description: "This version of the operator, as a run tells it; the current one without it. Old ones are kept as long as their runs.",
});

/** The current version, or the one asked for. @throws OpenVibeError OV_OPERATOR_NOT_FOUND */
export async function getOperatorVersion(
  { acceptor: { catalogue }, store }: Pick<RouteDeps, "acceptor" | "store">,
  operatorId: OperatorId,
  version: string | undefined,
): Promise<StoredManifest> {
  const current = await catalogue.get(operatorId);
  if (version === undefined || version === current.version) return current;
  const found = await store.manifests.findVersion(operatorId, version);
  if (found !== undefined) return found;
  throw new OpenVibeError(
    "OV_OPERATOR_NOT_FOUND",
    `operator ${operatorId} has no version ${version}; the current one is ${current.version}`,
  );
}
