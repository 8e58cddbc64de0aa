import type { BucketPlace } from "@openvibe/bus";
import { isPlainObject } from "@openvibe/core";
import { NO_DIGEST } from "../cursor.ts";
import type { Place } from "../log-loss.ts";
import { LOG_START, type PositionForm } from "../position/position-form.ts";

/** How far the changes of shared context have been told, and where the event log ended when this was so: what was told since lies behind it. */
export interface Told extends Place {
  /** By bucket, the last revision that was told, and which bucket of that name it was. */
  readonly buckets: Readonly<Record<string, BucketPlace>>;
}

/** With a beat, as a relay that tells nothing because nothing changes is alive all the same. */
export const TOLD_FORM: PositionForm<Told> = {
  key: "context_changes.mark",
  start: { ...LOG_START, buckets: {} },
  parse(text) {
    const mark = findJson(text);
    if (!isPlainObject(mark)) return undefined;
    const { by, log, digest = NO_DIGEST, buckets, epochs = {} } = mark as Partial<Mark>;
    if (typeof log !== "number" || !isPlainObject(buckets)) return undefined;
    const places = Object.entries(buckets).map(([name, revision]): [string, BucketPlace] => [name, toPlace(revision, epochs[name])]);
    return { value: { position: log, digest, buckets: Object.fromEntries(places) }, by: by ?? undefined };
  },
  format({ value: { position, digest, buckets }, by = null }, beat) {
    const revisions: Record<string, number> = {};
    const epochs: Record<string, string> = {};
    for (const [name, { revision, epoch }] of Object.entries(buckets)) {
      revisions[name] = revision;
      if (epoch !== undefined) epochs[name] = epoch;
    }
    const known = Object.keys(epochs).length === 0 ? {} : { epochs };
    return JSON.stringify({ by, beat, log: position, digest, buckets: revisions, ...known } satisfies Mark);
  },
};

function toPlace(revision: number, epoch: string | undefined): BucketPlace {
  return epoch === undefined ? { revision } : { epoch, revision };
}

interface Mark {
  readonly by: string | null;
  readonly beat: number;
  readonly log: number;
  /** Older relays neither write nor read it. */
  readonly digest?: string;
  readonly buckets: Readonly<Record<string, number>>;
  /** Nor these: what an older relay told lies in the bucket that is there now. */
  readonly epochs?: Readonly<Record<string, string>>;
}

function findJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // is told anew from the beginning: what the log holds already is not told twice
  }
}
