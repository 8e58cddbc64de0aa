import { isPacingKnown, type JsonObject, OpenVibeError, type Pacing, pacingKey, type WorkflowManifest } from "@openvibe/core";
import type { NewRun, Store } from "@openvibe/store";

type Rate = NonNullable<Pacing["rate"]>;

/** The rate of a trigger that a request names by its id; events are paced where they are heard. */
export function findRequestRate({ triggers }: WorkflowManifest, triggerId: string): Rate | undefined {
  const trigger = triggers.find(({ id }) => id === triggerId);
  if (trigger?.rate === undefined || !isPacingKnown(trigger)) return undefined;
  return trigger.on === "on_demand" || trigger.on.startsWith("webhook:") ? trigger.rate : undefined;
}

/** @throws OpenVibeError OV_RATE_LIMITED, unless the run's cause has its run already; OV_REQUEST_INVALID when the input has no key */
export async function admitByRate(
  { heldEvents, runs }: Pick<Store, "heldEvents" | "runs">,
  rate: Rate,
  { operatorId, trigger, idempotencyKey, origin }: NewRun,
  input: JsonObject,
): Promise<void> {
  const key = pacingKey({ rate }, input);
  const cause = { ...(idempotencyKey && { idempotencyKey }), ...(origin && { origin }) };
  if (Object.keys(cause).length > 0 && (await runs.hasCause(cause))) return;
  const retryAfterMs = await heldEvents.admit({ operatorId, triggerId: trigger, key, limit: rate.limit, perMs: rate.per_ms });
  if (retryAfterMs === 0) return;
  throw new OpenVibeError(
    "OV_RATE_LIMITED",
    `trigger ${trigger} of operator ${operatorId} starts at most ${rate.limit} runs in ${rate.per_ms} ms${key === "" ? "" : ` for ${key}`}; nothing was stored, send the same again later`,
    { retryAfterMs },
  );
}
