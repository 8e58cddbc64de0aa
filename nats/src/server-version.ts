import { type Logger, OpenVibeError } from "@openvibe/core";

/** What the per-subject limit, subject transforms and several filters per consumer need. */
export const LOWEST_SERVER = "2.10.0";
/** Older ones lose acknowledged messages in cluster faults that are fixed here, or carry known security holes. */
export const ADVISED_SERVER = "2.12.6";

/** Refuses a server that cannot keep the promises, and warns of one that had better be newer. @throws OpenVibeError OV_BUS_CONFIG */
export function checkServerVersion(version: string, log: Logger): void {
  if (isBelow(version, LOWEST_SERVER))
    throw new OpenVibeError(
      "OV_BUS_CONFIG",
      `nats-server ${version} is too old: ${LOWEST_SERVER} or newer is needed, ${ADVISED_SERVER} advised`,
    );
  if (isBelow(version, ADVISED_SERVER)) log.warn({ version, advised: ADVISED_SERVER }, "nats-server is older than advised");
}

function isBelow(version: string, limit: string): boolean {
  const [have, want] = [toNumbers(version), toNumbers(limit)];
  for (const [index, wanted] of want.entries()) {
    const found = have[index] ?? 0;
    if (found !== wanted) return found < wanted;
  }
  return false;
}

function toNumbers(version: string): readonly number[] {
  const [, major = "0", minor = "0", patch = "0"] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor), Number(patch)];
}
