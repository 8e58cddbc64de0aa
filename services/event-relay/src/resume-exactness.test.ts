import { newToken } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { appendMany, registerOperators } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { type Ground, openMemoryGround, openNatsGround, startRelay, watch } from "./test-rig/relay.ts";

const CLIENTS = 30;
const EVENTS = 400;

/** Cuts a connection after a random number of bytes, most often in the middle of a frame, but not before its first one: a cursor. */
function cuttingAtRandom() {
  const next = () => 200 + Math.floor(Math.random() * 12_000);
  let left = next();
  return (bytes: Uint8Array): number | undefined => {
    left -= bytes.length;
    if (left > 0) return undefined;
    const kept = bytes.length + left;
    left = next();
    return kept;
  };
}

describe.each([
  ["memory", openMemoryGround],
  ["nats", openNatsGround],
] as const)("over %s", (_, openGround: () => Ground | Promise<Ground>) => {
  test(`${CLIENTS} clients, cut at random and sent from relay to relay, each see every event once and in order`, async () => {
    await using ground = await openGround();
    const log = new FaultyLog(ground.bus.log);
    const bus = { log, signals: ground.bus.signals };
    // Small rings, so that clients come back to the ring as well as to the log; one relay loses notices besides.
    await using one = await startRelay({ ...ground, bus }, { limits: { maxEntries: 200 } });
    await using two = await startRelay(ground, { limits: { maxEntries: 50 } });
    log.loseEvery = 7;
    const operatorId = `op_${newToken()}`; // the broker is shared with other tests
    await registerOperators(ground.store, operatorId);
    await using clients = new AsyncDisposableStack();
    const watched = Array.from({ length: CLIENTS }, (_, index) => {
      const types = ["&types=lead.*&types=nothing.such", "&types=deal.won", ""][index % 3];
      const url = (attempt: number) => `${[one, two][(attempt + index) % 2]?.stream}?operator=${operatorId}${types}`;
      return clients.use(watch(url, { onBytes: cuttingAtRandom() }));
    });
    await Promise.all(watched.map(({ connected }) => connected));

    const events = await appendMany(ground.bus.log, EVENTS, { operatorId, types: ["lead.qualified", "deal.won", "lead.lost"] });

    const numbersOf = (prefix: string) => events.flatMap(({ type, data }) => (type.startsWith(prefix) ? [data.n] : []));
    const expected = [numbersOf("lead."), numbersOf("deal.won"), numbersOf("")];
    for (const [index, client] of watched.entries()) {
      const numbers = expected[index % 3];
      await expect.poll(() => client.messages.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(numbers?.length ?? 0);
      expect(client.numbers()).toEqual(numbers);
    }
    // Twenty-odd cuts a client on average: chance does not bring it below four.
    expect(watched.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(CLIENTS * 4);
    expect(log.lost).toBeGreaterThan(50);
  }, 60_000);
});
