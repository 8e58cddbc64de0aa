import { type Logger, OpenVibeError } from "@openvibe/core";

/** What the per-subject limit, subject transforms and several filters per consumer need. */
export const LOWEST_SERVER = "2.10.0";
/** Older ones lose acknowledged messages in cluster faults that are fixed here, or carry known security holes. */
export const ADVISED_SERVER = "2.12.6";

/** `refused` cannot keep the promises; `old` had better be newer. */
export function judgeServerVersion(version: string): "refused" | "old" | "fine" {
  if (isBelow(version, LOWEST_SERVER)) return "refused";
  return isBelow(version, ADVISED_SERVER) ? "old" : "fine";
}

/** Refuses a server that cannot keep the promises, and warns of one that had better be newer. @throws OpenVibeError OV_BUS_CONFIG */
export function checkServerVersion(version: string, log: Logger): void {
  const judged = judgeServerVersion(version);
  if (judged === "refused")
    throw new OpenVibeError(
      "OV_BUS_CONFIG",
      `nats-server ${version} is too old: ${LOWEST_SERVER} or newer is needed, ${ADVISED_SERVER} advised`,
    );
  if (judged === "old") log.warn({ server_version: version, advised: ADVISED_SERVER }, "nats-server is older than advised");
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
