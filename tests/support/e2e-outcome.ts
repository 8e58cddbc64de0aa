import type { JsonObject, JsonValue } from "@openvibe/core";
import type { Client, RunBody } from "./e2e-client.ts";
import { until } from "./e2e-until.ts";

/** A run as it ended, without what differs from run to run: ids and times. */
export interface Outcome {
  readonly status: JsonValue;
  readonly output: JsonValue;
  readonly metrics: JsonValue;
  readonly events: readonly JsonObject[];
}

export async function outcomeOverHttp(client: Client, { operator_id, run_id }: RunBody): Promise<Outcome> {
  const events = await until(`the last event of ${run_id}`, async () => {
    const stored = await client.events(operator_id, run_id);
    return stored.at(-1)?.type === "run.completed" && stored;
  });
  return toOutcome(
    await client.get(operator_id, run_id),
    events.map(({ type, sequence, nodeid, data }) => ({ type, sequence, node: nodeid ?? null, data })),
  );
}

export function toOutcome(
  { status, output, metrics }: Pick<RunBody, "status" | "output" | "metrics">,
  events: readonly JsonObject[],
): Outcome {
  return withoutIdsAndTimes({ status, output, metrics: { ...metrics }, events }) as unknown as Outcome;
}

const TIMES = ["started_at", "updated_at", "answered_at", "until", "deadline", "duration_ms", "duration_seconds"];

function withoutIdsAndTimes(value: JsonValue): JsonValue {
  if (typeof value === "string") return value.replaceAll(/run_\d{4}-\d\d-\d\d_[0-9a-z]{19}/g, "run_x");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutIdsAndTimes);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !TIMES.includes(key))
      .map(([key, entry]) => [key, withoutIdsAndTimes(entry as JsonValue)]),
  );
}
