import type { EventLog, LogBounds } from "@openvibe/bus";
import type { Clock } from "@openvibe/core";
import { gapFrame, type ResetReason, resetFrame } from "./control-frames.ts";
import { type Cursor, NO_DIGEST } from "./cursor.ts";
import type { EventHub } from "./hub.ts";
import { placeAt } from "./log-loss.ts";

/** Where a stream begins in the log, and what its client is told first. */
export interface Start {
  readonly position: number;
  /** The hub's era in which that position counts. */
  readonly era: number;
  /** The client's cursor until its first event. */
  readonly cursor: string;
  readonly opening: readonly Buffer[];
}

export type ResumeChoice =
  | { readonly go: "on" }
  | { readonly go: "gap"; readonly position: number }
  | { readonly go: "reset"; readonly reason: ResetReason };

/** What a client gets that comes back with a cursor (DESIGN promise 5): exactly what it missed, or a word that this cannot be. */
export function chooseResume(
  cursor: Cursor,
  log: { readonly epoch: string; readonly bounds: LogBounds; readonly digest: string },
): ResumeChoice {
  const { epoch, bounds, digest } = log;
  if (cursor.epoch !== epoch) return { go: "reset", reason: "other_epoch" };
  if (cursor.position > bounds.last) return { go: "reset", reason: "beyond_end" };
  if (cursor.position < bounds.first - 1) return { go: "gap", position: bounds.first - 1 };
  // Nothing lies there any more: its digest cannot be checked, and nothing after it is missing.
  if (digest === NO_DIGEST || digest === cursor.digest) return { go: "on" };
  return { go: "reset", reason: "digest_mismatch" };
}

/** A stream that begins with what happens from now on. */
export function startNow(hub: EventHub, opening: readonly Buffer[] = []): Start {
  return { position: hub.last, era: hub.era.number, cursor: hub.lastCursor, opening };
}

/** A stream that begins with the oldest event kept. @throws OpenVibeError OV_BUS_UNAVAILABLE */
export async function startOldest({ hub, log }: { readonly hub: EventHub; readonly log: EventLog }): Promise<Start> {
  const { number } = hub.era;
  const position = (await log.bounds()).first - 1;
  return { position, era: number, cursor: hub.cursorAt(position, NO_DIGEST), opening: [] };
}

/** A stream that goes on after a cursor; `undefined` when it cannot, with the reason. @throws OpenVibeError OV_BUS_UNAVAILABLE */
export async function startAfter(
  cursor: Cursor,
  { hub, log, clock }: { readonly hub: EventHub; readonly log: EventLog; readonly clock: Clock },
): Promise<{ readonly start: Start } | { readonly start: undefined; readonly reason: ResetReason }> {
  // Another relay may have begun the epoch that this client already knows.
  if (cursor.epoch !== hub.era.epoch) await hub.look();
  const { number, epoch } = hub.era;
  const here = { position: cursor.position, era: number, cursor: hub.cursorAt(cursor.position, cursor.digest), opening: [] };
  // Most come back soon and find their place in memory: no question to the bus.
  if (cursor.epoch === epoch && hub.digestAt(cursor.position) === cursor.digest) return { start: here };
  const digest = cursor.epoch === epoch ? (await placeAt(log, cursor.position)).digest : NO_DIGEST;
  const choice = chooseResume(cursor, { epoch, bounds: await log.bounds(), digest });
  switch (choice.go) {
    case "on":
      return { start: here };
    case "gap": {
      const oldest = hub.cursorAt(choice.position, NO_DIGEST);
      return { start: { position: choice.position, era: number, cursor: oldest, opening: [gapFrame(clock, oldest)] } };
    }
    case "reset":
      return { start: undefined, reason: choice.reason };
    default:
      return choice satisfies never;
  }
}

/** The word that a client's cursor means nothing here, and the cursor it has from now on. */
export function withReset(start: Start, reason: ResetReason, clock: Clock): Start {
  return { ...start, opening: [resetFrame(clock, reason, start.cursor), ...start.opening] };
}
