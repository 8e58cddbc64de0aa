import { readSse } from "@openvibe/http";
import type { Random } from "./random.ts";
import type { ClientLog } from "./stream-checker.ts";

/** Follows all events; each connection is cut after a random number of bytes, and the next one goes to a random relay. */
export function follow(
  ports: readonly number[],
  random: Random,
  signal: AbortSignal,
): { seen: ClientLog; connected: Promise<void>; ended: Promise<void> } {
  const seen: ClientLog = { ids: [], resets: 0, cuts: 0 };
  const connected = Promise.withResolvers<void>();
  let left = random.between(200, 60_000);
  const read = async () => {
    const messages = readSse(() => `http://127.0.0.1:${random.pick(ports)}/v1/events/stream`, {
      signal,
      maxWaitMs: 200,
      onConnect: () => connected.resolve(),
      onBytes: ({ length }) => {
        left -= length;
        if (left > 0) return undefined;
        const counted = left + length;
        left = random.between(200, 60_000);
        seen.cuts++;
        return Math.max(0, counted);
      },
    });
    for await (const { event, data } of messages) {
      if (event === "stream.reset" || event === "stream.gap") seen.resets++;
      else seen.ids.push((JSON.parse(data) as { id: string }).id);
    }
  };
  return { seen, connected: connected.promise, ended: read() };
}
