/** Events leave in order, after their commit; the one that ends the run when all before it are confirmed, and once (DESIGN §6 rule 5). */
import { setImmediate } from "node:timers/promises";
import type { EventLog } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import type { OpenVibeEvent, PendingEvent } from "@openvibe/core";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { busIsAway, withLog } from "./faults-for-tests.ts";
import { RunOutbox } from "./run-outbox.ts";
import { until } from "./world-for-tests.ts";

const run = { runId: "run_1", operatorId: "shop", workflowId: "w" };
const event = (type: string): PendingEvent => ({ type, time: "2026-11-22T10:00:00.000Z", data: {} });
const turns = (ms = 40) => new Promise((resolve) => setTimeout(resolve, ms));

async function openLog(append?: (event: OpenVibeEvent, log: EventLog) => Promise<"stored" | "already_there">) {
  const cleanup = new AsyncDisposableStack();
  const store = cleanup.use(openSqliteStore({ path: ":memory:" }));
  const bus = cleanup.use(openMemoryBus({ database: store.database }));
  const { log } = append === undefined ? bus : withLog(bus, { append: (event) => append(event, bus.log) });
  return {
    log,
    async told() {
      const told: string[] = [];
      for await (const { event } of bus.log.read(0, {}, new AbortController().signal)) told.push(`${event.sequence} ${event.type}`);
      return told;
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

const begin = (log: EventLog, from = 0, ...types: string[]) => new RunOutbox(log, run, { from, events: types.map(event) });

describe("an outbox", () => {
  test("lets nothing out before its commit", async () => {
    await using opened = await openLog();
    const outbox = begin(opened.log, 0, "run.queued");
    outbox.add(event("node.completed"));

    outbox.committed(1);
    await until(async () => expect(await opened.told()).toEqual(["0 run.queued"]));
    await turns();
    expect(await opened.told()).toEqual(["0 run.queued"]);
    outbox.committed(outbox.mark);

    await until(async () => expect(await opened.told()).toEqual(["0 run.queued", "1 node.completed"]));
  });

  test("takes back what was added and not committed", async () => {
    await using opened = await openLog();
    const outbox = begin(opened.log, 4, "a");
    outbox.add(event("b"));
    outbox.add(event("c"));

    outbox.cutTo(outbox.committedMark);
    outbox.add(event("run.cancelled"));

    expect(outbox.snapshot()).toEqual({ from: 4, events: [event("a"), event("run.cancelled")] });
    outbox.committed(outbox.mark);
    expect(await outbox.settle(1_000, "at once")).toBe(5);
    expect(await opened.told()).toEqual(["4 a", "5 run.cancelled"]);
  });

  test("stores with each write what is not confirmed, and not a copy that changes afterwards", async () => {
    await using opened = await openLog();
    const outbox = begin(opened.log, 0, "a");
    outbox.committed(1);
    await outbox.settle(1_000, "at once");

    outbox.add(event("b"));
    const stored = outbox.snapshot();
    outbox.add(event("c"));

    expect(stored).toEqual({ from: 1, events: [event("b")] });
  });

  test("sends many at once, and they lie in the log in order", async () => {
    await using opened = await openLog();
    const types = Array.from({ length: 200 }, (_, index) => `t${index}`);
    const outbox = begin(opened.log, 0, ...types);

    outbox.committed(outbox.mark);

    expect(await outbox.settle(5_000, "at once")).toBe(199);
    expect(await opened.told()).toEqual(types.map((type, index) => `${index} ${type}`));
  });

  test("sends an event that is committed at any moment of a flush", async () => {
    for (let moment = 0; moment < 25; moment++) {
      const answers: (() => void)[] = [];
      await using opened = await openLog(async (event, log) => {
        await log.append(event);
        await new Promise<void>((resolve) => answers.push(resolve));
        return "stored";
      });
      const outbox = begin(opened.log, 0, "first");
      outbox.committed(1);
      await until(() => expect(answers).toHaveLength(1));

      outbox.add(event("second"));
      answers[0]?.();
      for (let passed = 0; passed < moment; passed++) await undefined;
      outbox.committed(2);

      await until(async () => expect(await opened.told(), `after ${moment} microtasks`).toEqual(["0 first", "1 second"]));
      outbox.abandon();
    }
  });

  test("starts again at the first that was not confirmed", async () => {
    const sent: number[] = [];
    const failing = new Set([2]);
    await using opened = await openLog(async ({ sequence, ...event }, log) => {
      sent.push(sequence ?? -1);
      if (failing.delete(sequence ?? -1)) return busIsAway();
      return await log.append({ sequence, ...event });
    });
    const outbox = begin(opened.log, 0, "a", "b", "c", "d");

    outbox.committed(outbox.mark);

    expect(await outbox.settle(5_000, "at once")).toBe(3);
    expect(sent).toEqual([0, 1, 2, 3, 2, 3]);
  });

  test("sends the terminal event alone, when all before it are confirmed, and once", async () => {
    let away = 2;
    await using opened = await openLog(async (event, log) => {
      if (event.type === "b" && away-- > 0) return busIsAway();
      return await log.append(event);
    });
    const outbox = begin(opened.log, 0, "a", "b", "run.completed");

    outbox.committed(outbox.mark);
    expect(await outbox.settle(5_000, "at once")).toBe(2);
    const told = await opened.told();

    expect(told.at(-1)).toBe("2 run.completed");
    expect(told.filter((line) => line.endsWith("run.completed"))).toHaveLength(1);
    expect(told.slice(0, -1)).toContain("1 b");
  });

  test("leaves out what an earlier owner published already, to the last", async () => {
    await using opened = await openLog();
    const first = begin(opened.log, 0, "a", "b");
    first.committed(first.mark);
    await first.settle(1_000, "at once");

    const second = begin(opened.log, 0, "a", "b", "c");
    await second.skipPublished();
    expect(second.snapshot()).toEqual({ from: 2, events: [event("c")] });
    second.committed(second.mark);
    await second.settle(1_000, "at once");

    expect(await opened.told()).toEqual(["0 a", "1 b", "2 c"]);
  });

  test("skips nothing when the log knows nothing, or only older events, of the run", async () => {
    await using opened = await openLog();
    await opened.log.append({ ...run, id: "run_1:3", type: "a", time: "", nodeId: null, sequence: 3, data: {} });
    const [known, unknown] = [
      begin(opened.log, 4, "b"),
      new RunOutbox(opened.log, { ...run, runId: "run_2" }, { from: 0, events: [event("b")] }),
    ];

    await known.skipPublished();
    await unknown.skipPublished();

    expect([known.snapshot().from, unknown.snapshot().from]).toEqual([4, 0]);
  });

  test("does not ask the log when it holds nothing", async () => {
    await using opened = await openLog();
    const log = withLog({ log: opened.log } as never, { lastOf: () => Promise.reject(new Error("asked")) }).log;

    await begin(log, 7).skipPublished();
  });

  test("that is abandoned publishes nothing more", async () => {
    await using opened = await openLog();
    const outbox = begin(opened.log, 0, "a");
    outbox.committed(1);

    outbox.abandon();
    await turns();

    expect(await opened.told()).toEqual([]);
    outbox.add(event("b"));
    outbox.committed(2);
    await turns();
    expect(await opened.told()).toEqual([]);
  });

  test.each([
    ["refuses", () => Promise.reject(new Error("no"))],
    ["never answers", () => new Promise<never>(() => {})],
  ])("gives up settling after a while when the log %s; what is left is still in its snapshot", async (_, append) => {
    await using opened = await openLog(append);
    const outbox = begin(opened.log, 0, "a", "run.completed");
    outbox.committed(outbox.mark);

    expect(await outbox.settle(30, "at once")).toBeUndefined();

    expect(outbox.snapshot()).toEqual({ from: 0, events: [event("a"), event("run.completed")] });
  });

  test.each([
    ["at once", ["0 a", "1 run.completed"]],
    ["with the tick", []],
  ] as const)("that is settled %s", async (when, toldAtOnce) => {
    await using opened = await openLog();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const outbox = begin(opened.log, 0, "a", "run.completed");
    outbox.committed(outbox.mark);

    const settled = outbox.settle(1_000, when);
    for (let turn = 0; turn < 4; turn++) await setImmediate();
    expect(await opened.told()).toEqual(toldAtOnce);
    vi.advanceTimersByTime(20);

    expect(await settled).toBe(1);
    expect(await opened.told()).toEqual(["0 a", "1 run.completed"]);
  });

  test("that has sent everything settles at once with its last sequence", async () => {
    await using opened = await openLog();

    expect(await begin(opened.log, 3).settle(1, "at once")).toBe(2);
  });
});
