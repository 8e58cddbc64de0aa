import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { anEvent, appendMany } from "./test-rig/events.ts";
import { openMemoryGround, startRelay, watch } from "./test-rig/relay.ts";

describe("a draining relay", () => {
  test("ends its streams cleanly and tells when to come back; who comes meanwhile is told the same, never 503", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    const response = await fetch(relay.stream);
    await ground.bus.log.append(anEvent());

    await relay.relay.drain();

    const text = await response.text(); // a clean end: this does not throw
    expect(text).toContain("event: lead.qualified");
    const waits = [text.match(/retry: (\d+)\n\n$/)?.[1]];
    for (let n = 0; n < 5; n++) {
      const late = await fetch(relay.stream, { headers: n % 2 === 0 ? { "last-event-id": "epoch1.1.AAAAAAAA" } : {} });
      expect([late.status, late.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
      waits.push((await late.text()).match(/^retry: (\d+)\n\n$/)?.[1]);
    }
    for (const wait of waits) expect(Number(wait)).toSatisfy((ms: number) => ms >= 1_000 && ms <= 3_000);
    expect(new Set(waits).size).toBeGreaterThan(1);
  });

  test("lets the server close although streams are open, one of them stalled", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    const raw = request(relay.stream).end();
    raw.on("error", () => {});
    await once(raw, "response");
    await using client = watch(relay.stream, { reconnect: false });
    await client.connected;
    const pad = "x".repeat(60_000);
    for (let n = 0; n < 150; n++) await ground.bus.log.append(anEvent({ data: { n, pad } }));

    await relay.app.close();

    await client.done;
    expect(client.messages).toHaveLength(150);
    expect(relay.relay.openStreams).toBe(0);
  });

  test("hands its clients over to another relay without a gap", async () => {
    await using ground = openMemoryGround();
    await using one = await startRelay(ground);
    await using two = await startRelay(ground);
    await using client = watch((attempt) => (attempt === 0 ? one.stream : two.stream), { maxWaitMs: 1 });
    await client.connected;
    await appendMany(ground.bus.log, 10);

    const draining = one.relay.drain();
    await appendMany(ground.bus.log, 10);
    await draining;

    await expect.poll(() => client.messages.length, { timeout: 5_000 }).toBe(20);
    expect(client.numbers()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
