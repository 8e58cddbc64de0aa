import type { Pacing } from "@openvibe/core";
import type { SqlValue } from "./statement.ts";

/** quiet_ms, longest_ms, size, rate_limit, rate_ms, running_limit, singleton. */
export function holdingRow({ debounce, batch, rate, concurrency, singleton }: Pacing): readonly SqlValue[] {
  return [
    debounce?.wait_ms ?? null,
    debounce?.max_ms ?? batch?.wait_ms ?? null,
    batch?.size ?? null,
    rate?.limit ?? null,
    rate?.per_ms ?? null,
    concurrency?.limit ?? null,
    singleton?.mode ?? null,
  ];
}
