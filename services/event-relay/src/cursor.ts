import { hash } from "node:crypto";
import { OpenVibeError } from "@openvibe/core";

/** A place in one event log: after the event at `position`. Clients see it as an opaque text (DESIGN §6, "Stream cursors"). */
export interface Cursor {
  /** Which log: a log that was lost and made anew has another epoch. */
  readonly epoch: string;
  /** 0: before the first event. */
  readonly position: number;
  /** Short hash of the id of the event there; `NO_DIGEST` where the log keeps none. */
  readonly digest: string;
}

/** Stands where there is no event (any more) to compare with: before the log's oldest. */
export const NO_DIGEST = "-";

const CURSOR = /^([a-z0-9]{4,32})\.(0|[1-9][0-9]{0,15})\.(-|[A-Za-z0-9_-]{8})$/;
/** What the OpenAPI document says: up to 15 digits every number is a safe integer, and no log gets that long. */
export const CURSOR_PATTERN = CURSOR.source.replace("{0,15}", "{0,14}");

/** 48 bits: two logs that went apart have the same digest at the same position once in 2.8e14. */
export function digestOf(eventId: string): string {
  return hash("sha256", eventId, "base64url").slice(0, 8);
}

export function formatCursor({ epoch, position, digest }: Cursor): string {
  return `${epoch}.${position}.${digest}`;
}

export function findCursor(text: string): Cursor | undefined {
  const [, epoch, digits, digest] = CURSOR.exec(text) ?? [];
  if (epoch === undefined || digest === undefined) return undefined;
  const position = Number(digits);
  return Number.isSafeInteger(position) ? { epoch, position, digest } : undefined;
}

/** @throws OpenVibeError OV_EVENT_ID_INVALID */
export function parseCursor(text: string): Cursor {
  const cursor = findCursor(text);
  if (cursor !== undefined) return cursor;
  throw new OpenVibeError(
    "OV_EVENT_ID_INVALID",
    `Last-Event-ID ${JSON.stringify(text.slice(0, 80))} is not in the form of a stream's ids: send an event's id back as it came, or none to begin with what happens now`,
  );
}
