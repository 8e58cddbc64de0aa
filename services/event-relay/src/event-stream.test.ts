import { once } from "node:events";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { anEvent, appendMany, registerOperators } from "./test-rig/events.ts";
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

  test("filters by type, prefix, operator and run", async () => {
    await using ground = openMemoryGround();
    await registerOperators(ground.store, "support");
    await using relay = await startRelay(ground);
    await using byType = watch(`${relay.stream}?types=lead.lost&types=run.*`);
    await using byOperator = watch(`${relay.stream}?operator=support`);
    await using byRun = watch(`${relay.stream}?run_id=run_1&types=lead.*`);
    await using byBucket = watch(`${relay.stream}?bucket=context-leads`);
    await Promise.all([byType.connected, byOperator.connected, byRun.connected, byBucket.connected]);

    await ground.bus.log.append(anEvent({ type: "lead.qualified", operatorId: "support" }));
    await ground.bus.log.append(anEvent({ type: "lead.lost", runId: "run_1" }));
    await ground.bus.log.append(anEvent({ type: "run.started", runId: "run_1", operatorId: "support" }));
    await ground.bus.log.append(anEvent({ type: "lead.lost", runId: "run_2" }));
    for (const bucket of ["context-deals", "context-leads"])
      await ground.bus.log.append(anEvent({ type: "context.updated", operatorId: null, data: { bucket, key: "a", revision: 1 } }));

    await expect.poll(() => byType.types()).toEqual(["lead.lost", "run.started", "lead.lost"]);
    await expect.poll(() => byOperator.types()).toEqual(["lead.qualified", "run.started"]);
    await expect.poll(() => byRun.types()).toEqual(["lead.lost"]);
    await expect.poll(() => byBucket.types()).toEqual(["context.updated"]);
    expect(bodyOf(byBucket.messages[0]).data.bucket).toBe("context-leads");
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
    const metrics = { sseClients() {}, webhookAttempted() {}, sseClientDropped: (reason: string) => void dropped.push(reason) };
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
