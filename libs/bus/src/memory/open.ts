import { OpenVibeError } from "@openvibe/core";

/** @throws OpenVibeError OV_BUS_UNAVAILABLE when the bus was disposed */
export function assertOpen(closing: AbortSignal): void {
  if (closing.aborted) throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the bus is closed");
}
