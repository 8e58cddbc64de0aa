import { seedOf } from "./seed.ts";

/** Numbers from a seed, so that a trial can be repeated (mulberry32). The seed is printed by whoever makes one. */
export interface Random {
  readonly seed: number;
  /** From 0 to below 1. */
  next(): number;
  between(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
}

export function createRandom(seed = seedOf()): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    seed,
    next,
    between: (low, high) => Math.floor(low + next() * (high - low)),
    pick: <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T,
  };
}
