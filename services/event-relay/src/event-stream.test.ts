import { once } from "node:events";
import { request } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openMemoryBus } from "@openvibe/bus/memory";
import { describe, expect, test } from "vitest";
import { anEvent, appendMany } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { openMemoryGround, startRelay, watch } from "./test-rig/relay.ts";

const bodyOf = (message: { readonly data: string } | undefined) => JSON.parse(message?.data ?? "null");

describe("the event stream", () => {
  test("tells what happens from now on, as CloudEvents with a cursor", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { newEpoch: () => "epoch1" });
    await ground.bus.log.append(anEvent({ data: { before: true } }));
    await using client = watch(relay.stream);
    await client.connected;

    const event = anEvent({ type: "lead.qualified", runId: "run_1", sequence: 3, operatorId: "sales", data: { text: "a\nb" } });
    await ground.bus.log.append(event);

    await expect.poll(() => client.messages.length).toBe(1);
    const [message] = client.messages;
    expect(message?.event).toBe("lead.qualified");
    expect(message?.id).toMatch(/^epoch1\.2\.[\w-]{8}$/);
    expect(bodyOf(message)).toMatchObject({
      specversion: "1.0",
      id: event.id,
      type: "lead.qualified",
      runid: "run_1",
      sequence: 3,
      data: { text: "a\nb" },
    });
  });

  test("loses nothing for a client that is cut before its first event", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    await ground.bus.log.append(anEvent());
    let chunks = 0;
    await using client = watch(relay.stream, { onBytes: (bytes) => (chunks++ === 0 ? bytes.length : undefined) });
    await client.connected;

    await appendMany(ground.bus.log, 5);

    await expect.poll(() => client.numbers()).toEqual([0, 1, 2, 3, 4]);
    expect(client.connections).toBe(2);
  });

  test("filters by type, prefix, operator and run", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    await using byType = watch(`${relay.stream}?types=lead.lost&types=run.*`);
    await using byOperator = watch(`${relay.stream}?operator=support`);
    await using byRun = watch(`${relay.stream}?run_id=run_1&types=lead.*`);
    await Promise.all([byType.connected, byOperator.connected, byRun.connected]);

    await ground.bus.log.append(anEvent({ type: "lead.qualified", operatorId: "support" }));
    await ground.bus.log.append(anEvent({ type: "lead.lost", runId: "run_1" }));
    await ground.bus.log.append(anEvent({ type: "run.started", runId: "run_1", operatorId: "support" }));
    await ground.bus.log.append(anEvent({ type: "lead.lost", runId: "run_2" }));

    await expect.poll(() => byType.types()).toEqual(["lead.lost", "run.started", "lead.lost"]);
    await expect.poll(() => byOperator.types()).toEqual(["lead.qualified", "run.started"]);
    await expect.poll(() => byRun.types()).toEqual(["lead.lost"]);
  });

  test("moves the cursor of a client whose filter skips everything", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { limits: { writer: { heartbeatEveryMs: 20 } } });
    const text: string[] = [];
    await using client = watch(`${relay.stream}?types=nothing.such`, { onBytes: (bytes) => void text.push(Buffer.from(bytes).toString()) });
    await client.connected;

    await appendMany(ground.bus.log, 30);

    await expect.poll(() => text.join("")).toMatch(/id: \w+\.30\.[\w-]{8}\n\n/);
    expect(client.messages).toEqual([]);
  });

  test("takes last_event_id from the query, and the header before it", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(ground.bus.log, 5);
    await expect.poll(() => first.messages.length).toBe(5);
    const at = (index: number) => first.messages[index]?.lastEventId ?? "";

    await using byQuery = watch(`${relay.stream}?last_event_id=${at(1)}`);
    await using byHeader = watch(`${relay.stream}?last_event_id=${at(0)}`, { lastEventId: at(3) });

    await expect.poll(() => byQuery.numbers()).toEqual([2, 3, 4]);
    await expect.poll(() => byHeader.numbers()).toEqual([4]);
  });

  test("sends exactly the missing ones, also when they are more than the ring or one page of the log holds", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { limits: { maxEntries: 10 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(ground.bus.log, 3);
    await expect.poll(() => first.messages.length).toBe(3);
    await appendMany(ground.bus.log, 1_700);

    await using back = watch(relay.stream, { lastEventId: first.messages[0]?.lastEventId ?? "" });

    await expect.poll(() => back.messages.length, { timeout: 5_000 }).toBe(1_702);
    expect(back.numbers()).toEqual([1, 2, ...Array.from({ length: 1_700 }, (_, n) => n)]);
  });

  test("says stream.gap, with the oldest cursor, when the log has forgotten what a client missed", async () => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const options = { limits: { maxEntries: 5, preload: 0 } };
    await using before = await startRelay({ ...ground, bus }, options);
    await using first = watch(before.stream);
    await first.connected;
    await appendMany(bus.log, 20);
    await expect.poll(() => first.messages.length).toBe(20);
    database.exec("DELETE FROM bus_events WHERE position <= 12"); // what a purge does
    await using after = await startRelay({ ...ground, bus }, options);

    await using back = watch(after.stream, { lastEventId: first.messages[4]?.lastEventId ?? "" });

    await expect.poll(() => back.messages.length).toBe(9);
    expect(back.types()[0]).toBe("stream.gap");
    expect(back.numbers().slice(1)).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
    const { oldest } = bodyOf(back.messages[0]).data;
    expect(back.messages[0]?.id).toBe(oldest);

    await using again = watch(after.stream, { lastEventId: oldest });
    await expect.poll(() => again.messages.length).toBe(8);
    expect(again.types()).not.toContain("stream.gap");
  });

  test.each([
    ["", ["stream.gap", "lead.qualified", "lead.qualified", "lead.qualified"]],
    ["?types=lead.*", ["stream.gap", "lead.qualified", "lead.qualified", "lead.qualified"]],
  ])("says stream.gap when a purge overtakes the reading of what was missed (%s)", async (query, expected) => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const log = new FaultyLog(bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: bus.signals } }, { limits: { maxEntries: 1, preload: 0 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(log, 10);
    await expect.poll(() => first.messages.length).toBe(10);
    log.onRead = () => database.exec("DELETE FROM bus_events WHERE position <= 7");

    await using back = watch(`${relay.stream}${query}`, { lastEventId: first.messages[2]?.lastEventId ?? "" });

    await expect.poll(() => back.types()).toEqual(expected);
    expect(back.numbers().slice(1)).toEqual([7, 8, 9]);
    expect(back.messages[0]?.id).toBeUndefined();
  });

  test("says stream.reset to cursors of another epoch, another event and the future, and goes on from now", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { newEpoch: () => "epoch1" });
    await appendMany(ground.bus.log, 3);
    const reasons = {
      "epoch0.2.AAAAAAAA": "other_epoch",
      "epoch1.2.AAAAAAAA": "digest_mismatch",
      "epoch1.9.AAAAAAAA": "beyond_end",
      "epoch1.2.-": "digest_mismatch",
    };
    for (const [lastEventId, reason] of Object.entries(reasons)) {
      await using client = watch(relay.stream, { lastEventId });
      await expect.poll(() => client.messages.length).toBe(1);
      await ground.bus.log.append(anEvent({ data: { n: 77 } }));

      await expect.poll(() => client.types()).toEqual(["stream.reset", "lead.qualified"]);
      expect(bodyOf(client.messages[0]).data).toEqual({ reason, cursor: client.messages[0]?.id });
    }
  });

  test("says stream.reset to those who come back after the log was lost, and to those who are still there", async () => {
    await using ground = openMemoryGround();
    await using another = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: ground.bus.signals } });
    await using client = watch(relay.stream);
    await client.connected;
    await appendMany(log, 40);
    await expect.poll(() => client.messages.length).toBe(40);

    await log.exchange(another.bus.log);
    await expect.poll(() => client.types().at(-1), { timeout: 5_000 }).toBe("stream.reset");
    await appendMany(log, 3);

    await expect.poll(() => client.numbers().slice(-3)).toEqual([0, 1, 2]);
    expect(bodyOf(client.messages[40]).data.reason).toBe("log_lost");
    await using back = watch(relay.stream, { lastEventId: client.messages[20]?.lastEventId ?? "" });
    await expect.poll(() => back.types()).toEqual(["stream.reset"]);
    await using fresh = watch(relay.stream, { lastEventId: client.messages[40]?.lastEventId ?? "" });
    await expect.poll(() => fresh.numbers()).toEqual([0, 1, 2]);
  });

  test("waits on the open connection when the log cannot be read, instead of answering with an error", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: ground.bus.signals } }, { limits: { maxEntries: 2 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(log, 10);
    await expect.poll(() => first.messages.length).toBe(10);
    log.isDown = true;
    await using back = watch(relay.stream, { lastEventId: first.messages[3]?.lastEventId ?? "" });
    await back.connected;

    await sleep(100); // proves that the connection is kept
    expect([back.connections, back.messages.length]).toEqual([1, 0]);
    log.isDown = false;

    await expect.poll(() => back.numbers(), { timeout: 5_000 }).toEqual([4, 5, 6, 7, 8, 9]);
    expect(back.connections).toBe(1);
  });

  test("drops a client that stops reading, with the reason, while others go on; it resumes exactly", async () => {
    await using ground = openMemoryGround();
    const dropped: string[] = [];
    const metrics = { sseClients() {}, sseClientDropped: (reason: string) => void dropped.push(reason) };
    await using relay = await startRelay(ground, { metrics, limits: { maxEntries: 50, writer: { stalledAfterMs: 150 } } });
    const raw = request(relay.stream).end();
    raw.on("error", () => {});
    const [stalled] = await once(raw, "response");
    await using other = watch(relay.stream);
    await other.connected;
    let text = "";
    stalled.once("readable", () => {}); // attaches to the body without reading it

    const pad = "x".repeat(60_000);
    for (let n = 0; n < 200; n++) await ground.bus.log.append(anEvent({ data: { n, pad } }));
    await expect.poll(() => other.messages.length, { timeout: 10_000 }).toBe(200);
    await expect.poll(() => dropped, { timeout: 5_000 }).toEqual(["stalled"]);

    stalled
      .on("error", () => {})
      .on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
    await new Promise((resolve) => stalled.once("close", resolve));
    expect(stalled.complete).toBe(false);
    const complete = text.slice(0, text.lastIndexOf("\n\n"));
    const seen = [...complete.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));
    const lastEventId = [...complete.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? "";
    expect(seen.length).toBeLessThan(200);
    await using back = watch(relay.stream, { lastEventId });
    await expect.poll(() => seen.length + back.messages.length, { timeout: 10_000 }).toBe(200);
    expect([...seen, ...back.numbers()]).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test("cannot be made to carry an injected event by a type or an id with line breaks", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    await using client = watch(relay.stream);
    await client.connected;
    const evil = "x\r\n\r\nid: stolen\nevent: run.completed\ndata: {}\n\n\0";

    await ground.bus.log.append(anEvent({ type: evil, id: evil, data: { evil } }));

    await expect.poll(() => client.messages.length).toBe(1);
    expect(bodyOf(client.messages[0]).data).toEqual({ evil });
    expect(client.messages[0]?.lastEventId).not.toContain("stolen");
  });
});

describe("a request for the event stream", () => {
  test.each([
    ["application/json as Accept", "", { accept: "application/json" }, 406, "OV_NOT_ACCEPTABLE"],
    ["garbage as Last-Event-ID", "", { "last-event-id": "garbage" }, 400, "OV_EVENT_ID_INVALID"],
    ["a negative Last-Event-ID", "", { "last-event-id": "-1" }, 400, "OV_EVENT_ID_INVALID"],
    ["1e30 as Last-Event-ID", "", { "last-event-id": "1e30" }, 400, "OV_EVENT_ID_INVALID"],
    ["garbage as last_event_id", "?last_event_id=garbage", {}, 400, "OV_EVENT_ID_INVALID"],
    ["a wrong type", "?types=run.%3E", {}, 400, "OV_PARAMETER_INVALID"],
    ["a wrong operator", "?operator=..%2F", {}, 400, "OV_PARAMETER_INVALID"],
    ["two runs", "?run_id=a&run_id=b", {}, 400, "OV_PARAMETER_INVALID"],
    ["an unknown parameter", "?typo=1", {}, 400, "OV_PARAMETER_INVALID"],
  ])("with %s is refused", async (_, query, headers, status, code) => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);

    const response = await relay.app.inject({ url: `/v1/events/stream${query}`, headers });

    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code });
  });

  test("is refused when the server, or a key, has as many streams as it may", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { keys: ["k1", "k2"], limits: { maxStreams: 3, maxStreamsPerKey: 2 } });
    const open = (key: string) => fetch(relay.stream, { headers: { authorization: `Bearer ${key}` } });
    const answers = [await open("k1"), await open("k1"), await open("k1"), await open("k2"), await open("k2")];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200, 429]);
    expect(answers[2]?.headers.get("retry-after")).toBe("5");
    expect(await answers[4]?.json()).toMatchObject({ code: "OV_TOO_MANY_STREAMS" });
    await Promise.all(answers.map(({ body }) => (body?.locked === false ? body.cancel() : undefined)));
    await expect.poll(() => relay.relay.openStreams).toBe(0);
    await using client = watch(relay.stream, { headers: { authorization: "Bearer k1" } });
    await client.connected;
  });
});

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
