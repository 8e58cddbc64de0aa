import { setTimeout as sleep } from "node:timers/promises";

/** Asks again until there is something, and gives it. @throws after `withinMs` (20,000 by default), naming `what` */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  for (const end = Date.now() + withinMs; ; await sleep(20)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`);
  }
}
