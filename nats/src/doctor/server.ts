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
