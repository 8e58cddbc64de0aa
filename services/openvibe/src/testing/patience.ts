/** Runs that one test may have. */
export const MOST_RUNS = 10_000;

export interface Pacing {
  readonly timeoutMs: number;
  readonly lookEveryMs: number;
}

export interface Patience {
  /** Resolves when it is time to look again; `false` when there is no time left. */
  again(): Promise<boolean>;
}

export function patience({ timeoutMs, lookEveryMs }: Pacing): Patience {
  const until = performance.now() + timeoutMs;
  return {
    async again() {
      if (performance.now() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      return true;
    },
  };
}
