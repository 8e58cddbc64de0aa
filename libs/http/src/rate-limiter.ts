const WINDOW_MS = 60_000;
/** A million addresses would be 100 MB: beyond this the oldest windows are forgotten. */
const MAX_CALLERS = 100_000;

/** What is left to a caller after a request. */
export interface Quota {
  /** Whether this request was within the limit. */
  readonly within: boolean;
  readonly remaining: number;
  /** Until the caller has its full limit again. */
  readonly resetMs: number;
}

interface Window {
  readonly endsAt: number;
  taken: number;
}

/** Counts each caller's requests in windows of a minute, which begin with the caller's first one. Of this process only. */
export class RateLimiter {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** By the time they end, since all are equally long. */
  readonly #windows = new Map<string, Window>();

  constructor(perMinute: number, now: () => number = performance.now.bind(performance)) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  take(caller: string): Quota {
    const now = this.#now();
    const window = this.#windowOf(caller, now);
    window.taken++;
    return {
      within: window.taken <= this.#perMinute,
      remaining: Math.max(0, this.#perMinute - window.taken),
      resetMs: window.endsAt - now,
    };
  }

  #windowOf(caller: string, now: number): Window {
    const open = this.#windows.get(caller);
    if (open !== undefined && open.endsAt > now) return open;
    for (const [other, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < MAX_CALLERS) break;
      this.#windows.delete(other);
    }
    this.#windows.delete(caller);
    const window = { endsAt: now + WINDOW_MS, taken: 0 };
    this.#windows.set(caller, window);
    return window;
  }
}
