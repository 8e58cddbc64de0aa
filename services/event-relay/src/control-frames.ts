import { type Clock, type JsonObject, type LiveEvent, toIso } from "@openvibe/core";
import { encodeFrame } from "@openvibe/http";

/** Why a stream cannot go on where its client was. */
export type ResetReason = "other_epoch" | "digest_mismatch" | "beyond_end" | "log_lost";

/** "What you know may be wrong, begin again from here": the log is not the one the client's cursor came from. */
export function resetFrame(clock: Clock, reason: ResetReason, cursor: string): Buffer {
  return controlFrame("stream.reset", clock, cursor, cursor, { reason, cursor });
}

/** "Some events are gone": the log no longer keeps everything after the client's cursor. `oldest` is where it begins now. `null` leaves the client's cursor alone. */
export function gapFrame(clock: Clock, oldest: string, id: string | null = oldest): Buffer {
  return controlFrame("stream.gap", clock, oldest, id, { oldest });
}

function controlFrame(type: string, clock: Clock, cursor: string, id: string | null, data: JsonObject): Buffer {
  const body: JsonObject = {
    specversion: "1.0",
    id: `${type}:${cursor}`,
    source: "/",
    type,
    time: toIso(clock.now()),
    datacontenttype: "application/json",
    data,
  };
  return encodeFrame({ ...(id === null ? {} : { id }), event: type, data: JSON.stringify(body) });
}

/** A live event has no id of the stream: nobody can come back to it. `attempt` and `number` tell a reader what it missed. */
export function liveFrame(event: LiveEvent): Buffer {
  const { type, time, operatorId, workflowId, runId, nodeId, attempt, number, data } = event;
  const body: JsonObject = {
    specversion: "1.0",
    id: `${runId}:live:${attempt}:${number}`,
    source: `/operators/${operatorId}`,
    type,
    subject: `runs/${runId}`,
    time,
    datacontenttype: "application/json",
    operatorid: operatorId,
    workflowid: workflowId,
    runid: runId,
    ...(nodeId === null ? {} : { nodeid: nodeId }),
    attempt,
    number,
    data,
  };
  return encodeFrame({ event: type, data: JSON.stringify(body) });
}
