import type { LoggedEvent } from "@openvibe/bus";
import { type OperatorId, type RunId, toCloudEvent } from "@openvibe/core";
import { encodeFrame } from "@openvibe/http";
import { digestOf, formatCursor } from "./cursor.ts";
import { bucketOf } from "./filters.ts";

/** An event of the log, encoded once for all who read it; beside it what filters look at. */
export interface RingEntry {
  readonly position: number;
  readonly digest: string;
  readonly type: string;
  readonly operatorId: OperatorId | null;
  readonly runId: RunId | null;
  /** Whose change it tells, where it is one of shared context. */
  readonly bucket: string | null;
  readonly sequence: number | null;
  readonly frame: Buffer;
}

export function toRingEntry({ position, event }: LoggedEvent, epoch: string): RingEntry {
  const { id, type, operatorId, runId, sequence } = event;
  const digest = digestOf(id);
  const frame = encodeFrame({ id: formatCursor({ epoch, position, digest }), event: type, data: JSON.stringify(toCloudEvent(event)) });
  return { position, digest, type, operatorId, runId, bucket: bucketOf(event), sequence, frame };
}
