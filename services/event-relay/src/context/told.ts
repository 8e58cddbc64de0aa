import { isPlainObject } from "@openvibe/core";
import { NO_DIGEST } from "../cursor.ts";
import type { Place } from "../log-loss.ts";
import { LOG_START, type PositionForm } from "../position/position-form.ts";

/** How far the changes of shared context have been told, and where the event log ended when this was so: what was told since lies behind it. */
export interface Told extends Place {
  /** By bucket, the last revision that was told. */
  readonly buckets: Readonly<Record<string, number>>;
}

/** With a beat, as a relay that tells nothing because nothing changes is alive all the same. */
export const TOLD_FORM: PositionForm<Told> = {
  key: "context_changes.mark",
  start: { ...LOG_START, buckets: {} },
  parse(text) {
    const mark = findJson(text);
    if (!isPlainObject(mark)) return undefined;
    const { by, log, digest = NO_DIGEST, buckets } = mark as Partial<Mark>;
    if (typeof log !== "number" || !isPlainObject(buckets)) return undefined;
    return { value: { position: log, digest, buckets }, by: by ?? undefined };
  },
  format: ({ value: { position, digest, buckets }, by = null }, beat) =>
    JSON.stringify({ by, beat, log: position, digest, buckets } satisfies Mark),
};

interface Mark {
  readonly by: string | null;
  readonly beat: number;
  readonly log: number;
  /** Older relays neither write nor read it. */
  readonly digest?: string;
  readonly buckets: Readonly<Record<string, number>>;
}

function findJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // is told anew from the beginning: what the log holds already is not told twice
  }
}
