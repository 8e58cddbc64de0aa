import { NO_DIGEST } from "../cursor.ts";
import type { Place } from "../log-loss.ts";

/** What the store says of a piece of work. */
export interface Standing<Value extends Place> {
  readonly value: Value;
  /** Which relay is at it; `undefined` where none is, or any may be. */
  readonly by: string | undefined;
}

/**
 * Where a position lies, and how it is written. Key and text are read by relays of other versions, which run beside this one during an update, and a position
 * that cannot be read is the beginning: neither is ever changed, but for what an older reader passes over.
 */
export interface PositionForm<Value extends Place> {
  readonly key: string;
  /** `undefined` for what is none. */
  parse(text: string): Standing<Value> | undefined;
  /** `beat` is another number at each writing, for those who must be seen to live while they do not move. */
  format(standing: Standing<Value>, beat: number): string;
  readonly start: Value;
}

/** Before the first event of a log. */
export const LOG_START: Place = { position: 0, digest: NO_DIGEST };

const PLACE = /^(0|[1-9]\d{0,15})\.(-|[A-Za-z0-9_-]{8})$/;
const PLACE_BY = /^(\S+) (\S+)$/;
/** Stands where nobody is at work. */
const NOBODY = "-";

/** `15.WNSE-xuz`: what several may work on at once. */
export function openForm(key: string): PositionForm<Place> {
  return {
    key,
    start: LOG_START,
    parse(text) {
      const value = findPlace(text);
      return value && { value, by: undefined };
    },
    format: ({ value }) => formatPlace(value),
  };
}

/** `15.WNSE-xuz relay_1`: with the one who is at it. */
export function takenForm(key: string): PositionForm<Place> {
  return {
    key,
    start: LOG_START,
    parse(text) {
      const [, place, by] = PLACE_BY.exec(text) ?? [];
      const value = place === undefined ? undefined : findPlace(place);
      return value && { value, by: by === NOBODY ? undefined : by };
    },
    format: ({ value, by = NOBODY }) => `${formatPlace(value)} ${by}`,
  };
}

function findPlace(text: string): Place | undefined {
  const [, position, digest] = PLACE.exec(text) ?? [];
  return position === undefined || digest === undefined ? undefined : { position: Number(position), digest };
}

function formatPlace({ position, digest }: Place): string {
  return `${position}.${digest}`;
}
