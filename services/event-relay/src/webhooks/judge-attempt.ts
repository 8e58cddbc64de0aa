import type { PostResult } from "@openvibe/http";
import type { AttemptEnd } from "@openvibe/store";
import { parseRetryAfter } from "./retry-after.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first, second, … failed attempt: three days in all (Standard Webhooks 1.0, "Deliverability and reliability"). */
export const PAUSES_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** The longest that a receiver may ask for. */
export const MAX_RETRY_AFTER_MS = 12 * HOUR;
/** A pause is up to so much longer, so that what failed together does not come back together. */
const JITTER = 0.2;

export interface Judgement {
  readonly end: AttemptEnd;
  /** What is kept of a failure: a word for programs, and one for people. */
  readonly error: string | null;
  readonly detail: string | null;
  /** The receiver wants nothing more (410). */
  readonly gone?: true;
}

/** What an attempt comes to: only 2xx is success, and a redirect is none. `tries` counts this attempt; `random` is from 0 to 1. */
export function judgeAttempt(
  result: PostResult,
  tries: number,
  { now, random }: { readonly now: number; readonly random: number },
): Judgement {
  if (result.failure !== undefined) return { end: toEnd(tries, 0, random), error: result.failure, detail: result.detail };
  const { status } = result;
  if (status >= 200 && status < 300) return { end: { did: "delivered" }, error: null, detail: null };
  if (status >= 300 && status < 400)
    return {
      end: toEnd(tries, 0, random),
      error: "redirect_not_followed",
      detail: `${status}: redirects are not followed; subscribe with the address they lead to`,
    };
  if (status === 410) {
    // Where somebody enables it again it goes on at once.
    return { end: { did: "again", afterMs: 0 }, error: "http_410", detail: "the receiver wants nothing more", gone: true };
  }
  const wanted = Math.min(parseRetryAfter(result.retryAfter, now) ?? 0, MAX_RETRY_AFTER_MS);
  return { end: toEnd(tries, wanted, random), error: `http_${status}`, detail: null };
}

function toEnd(tries: number, atLeastMs: number, random: number): AttemptEnd {
  const pauseMs = PAUSES_MS[tries - 1];
  if (pauseMs === undefined) return { did: "dead_lettered" };
  return { did: "again", afterMs: Math.round(Math.max(pauseMs * (1 + JITTER * random), atLeastMs)) };
}
