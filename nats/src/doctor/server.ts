import { type Finding, failFinding, okFinding, warnFinding } from "@openvibe/core";
import { ADVISED_SERVER, judgeServerVersion, LOWEST_SERVER } from "../server-version.ts";

const MIB = 1024 * 1024;
/** A bucket's value has 256 KB at most, an event 64 KB, an answer to a question 1 MB. */
const LEAST_PAYLOAD = MIB / 2;
const ADVISED_PAYLOAD = MIB;

export function examineVersion(version: string): Finding {
  const what = `nats-server is ${version}`;
  const todo = `upgrade it to ${ADVISED_SERVER} or newer`;
  switch (judgeServerVersion(version)) {
    case "refused":
      return failFinding("broker.version", what, { why: `nothing starts on servers older than ${LOWEST_SERVER}`, todo });
    case "old":
      return warnFinding("broker.version", what, {
        why: `servers older than ${ADVISED_SERVER} have lost acknowledged messages in cluster faults, and have known security holes`,
        todo,
      });
    case "fine":
      return okFinding("broker.version", what);
  }
}

export function examinePayload(maxPayload: number): Finding {
  const what = `messages may have ${Math.floor(maxPayload / 1024)} KiB`;
  const advice = {
    why: "larger events, answers and context values are refused with OV_BODY_TOO_LARGE",
    todo: "set max_payload: 1MB on the server",
  };
  if (maxPayload < LEAST_PAYLOAD) return failFinding("broker.payload", what, advice);
  return maxPayload < ADVISED_PAYLOAD ? warnFinding("broker.payload", what, advice) : okFinding("broker.payload", what);
}

const WARN_SKEW_MS = 1_000;
const FAIL_SKEW_MS = 30_000;

/** `aheadMs`: the other's clock minus ours; known to within `uncertainMs`. */
export function examineSkew(check: string, other: string, { aheadMs, uncertainMs }: { aheadMs: number; uncertainMs: number }): Finding {
  const least = Math.max(0, Math.abs(aheadMs) - uncertainMs);
  const shown = `${(Math.abs(aheadMs) / 1_000).toFixed(aheadMs === 0 || Math.abs(aheadMs) < 10_000 ? 2 : 0)} s`;
  const what =
    least < WARN_SKEW_MS
      ? `the clocks of ${other} and this machine agree`
      : `the clock of ${other} is ${shown} ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
  const advice = {
    why: "deadlines, lifetimes and times of events are compared across machines",
    todo: "let both follow the same time servers (NTP)",
  };
  if (least >= FAIL_SKEW_MS) return failFinding(check, what, advice);
  return least >= WARN_SKEW_MS ? warnFinding(check, what, advice) : okFinding(check, what);
}
