import { describe, expect, test } from "vitest";
import type { BucketChange } from "../buckets.ts";
import type { Bus } from "../bus.ts";
import { openProxy } from "./proxy.ts";
import { anEvent, aWakeUp, eventually, freshOperatorId, freshRunId, Hands, quietFor, thrownBy } from "./support.ts";

const never = new AbortController().signal;

/** A sibling behind a connection that is cut and comes back, by a proxy before the real server. */
export interface BusBehindProxy {
  readonly name: string;
  /** Of the real server. */
  url(): string;
  open(url: string, options?: { readonly holdMs?: number; readonly patienceMs?: number; readonly connectTimeoutMs?: number }): Promise<Bus>;
}

/** One bus behind a proxy, one beside it. */
export async function openBehind(under: BusBehindProxy, options: Parameters<BusBehindProxy["open"]>[1] = {}) {
  const proxy = await openProxy(under.url());
  const direct = await under.open(under.url());
  const bus = await under.open(proxy.url, options);
  return {
    proxy,
    direct,
    bus,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await direct[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

export function outageContract(under: BusBehindProxy): void {
  describe(`${under.name} keeps its promises over outages`, () => {
    test("a take waits out an outage and goes on with what was published meanwhile", async () => {
      await using place = await openBehind(under, { holdMs: 1_000 });
      const operatorId = freshOperatorId();
      await using hands = new Hands(place.bus.queue, operatorId);
      await place.direct.queue.publish(aWakeUp({ operatorId, wake: 1 }));
      hands.done(await hands.at(0));

      place.proxy.cut();
      await place.direct.queue.publish(aWakeUp({ operatorId, wake: 2 }));
      await quietFor(300);
      await place.proxy.mend();

      // The first may come again: its settlement was perhaps under way.
      await eventually(() => hands.taken.some(({ wakeUp }) => wakeUp.wake === 2), "the second is taken");
    });

    test("wake-ups published during an outage wait for its end", async () => {
      await using place = await openBehind(under);
      const operatorId = freshOperatorId();
      place.proxy.cut();

      const publishing = place.bus.queue.publish(aWakeUp({ operatorId }));
      await quietFor(300);
      await place.proxy.mend();

      expect(await publishing).toBe("stored");
    });

    test("an outage longer than the patience is OV_BUS_UNAVAILABLE for whoever waits", async () => {
      await using place = await openBehind(under, { patienceMs: 600 });
      const bucket = place.bus.buckets.bucket(`outage-${freshOperatorId()}`);
      place.proxy.cut();

      const errors = await Promise.all(
        [
          () => place.bus.queue.publish(aWakeUp()),
          () => place.bus.log.append(anEvent()),
          () => place.bus.log.lastOf(freshRunId()),
          () => Array.fromAsync(place.bus.log.read(0, {}, never)),
          () => place.bus.log.listen(() => {}),
          () => bucket.get("key"),
          () => bucket.put("key", 1),
          () => place.bus.ping(300),
        ].map(thrownBy),
      );

      expect(errors.map((error) => (error as { code?: string }).code)).toEqual(errors.map(() => "OV_BUS_UNAVAILABLE"));
    });

    test("who asks during an outage knows at once", async () => {
      await using place = await openBehind(under);
      place.proxy.cut();
      await until(async () => !(await answers(place.bus)));
      const askedAt = Date.now();

      const error = await thrownBy(() =>
        place.bus.requests.ask(freshOperatorId(), "research", { body: 1, askId: "a", deadlineAt: askedAt + 10_000 }, never),
      );

      expect(error).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
      expect(Date.now() - askedAt).toBeLessThan(500);
    });

    test.each([{ silent: false }, { silent: true }])(
      "events appended across an outage are stored in their order, each at least once (silent: $silent)",
      async ({ silent }) => {
        await using place = await openBehind(under);
        const runId = freshRunId();
        const answers: Promise<string>[] = [];
        const append = (from: number, to: number) => {
          for (let sequence = from; sequence < to; sequence++) answers.push(place.bus.log.append(anEvent({ runId, sequence })));
        };

        append(0, 300);
        if (silent) place.proxy.freeze();
        append(300, 600);
        await quietFor(30);
        place.proxy.cut();
        append(600, 700);
        await quietFor(400);
        append(700, 800);
        await place.proxy.mend();
        append(800, 1_000);
        await Promise.all(answers);
        append(1_000, 1_010);
        await Promise.all(answers);

        const stored = await Array.fromAsync(place.direct.log.read(0, { runId }, never));
        expect(stored.map(({ event }) => event.sequence)).toEqual(Array.from({ length: 1_010 }, (_, sequence) => sequence));
      },
    );

    test("a watch misses nothing across an outage", async () => {
      await using place = await openBehind(under);
      const name = `outage-${freshOperatorId()}`;
      const seen: BucketChange[] = [];
      const stop = new AbortController();
      const watching = (async () => {
        for await (const change of place.bus.buckets.bucket(name).watch(stop.signal)) seen.push(change);
      })();
      const writer = place.direct.buckets.bucket(name);
      await place.bus.buckets.bucket(name).put("a", 0);
      await eventually(() => seen.length === 1, "the first change is told");

      place.proxy.cut();
      await writer.put("a", 1);
      await writer.put("b", 2);
      await writer.delete("a");
      await quietFor(200);
      await place.proxy.mend();
      await writer.put("c", 3);
      await eventually(() => seen.length === 5, "all changes are told");
      stop.abort();
      await watching;

      expect(seen.map((change) => (change.kind === "put" ? [change.entry.key, change.entry.value] : [change.key]))).toEqual([
        ["a", 0],
        ["a", 1],
        ["b", 2],
        ["a"],
        ["c", 3],
      ]);
    });

    test("a read goes on after an outage where it stopped", async () => {
      await using place = await openBehind(under);
      const runId = freshRunId();
      await Promise.all(Array.from({ length: 1_200 }, (_, sequence) => place.direct.log.append(anEvent({ runId, sequence }))));

      const seen: (number | null)[] = [];
      for await (const { event } of place.bus.log.read(0, { runId }, never)) {
        if (seen.push(event.sequence) !== 100) continue;
        place.proxy.cut();
        await quietFor(100);
        await place.proxy.mend();
      }

      expect(seen).toEqual(Array.from({ length: 1_200 }, (_, sequence) => sequence));
    });

    test("a bus disposes within bounds although the broker is gone", async () => {
      await using place = await openBehind(under);
      place.proxy.cut();
      await quietFor(50);
      const disposedAt = Date.now();

      await place.bus[Symbol.asyncDispose]();

      expect(Date.now() - disposedAt).toBeLessThan(8_000);
    });

    test("where no broker is, opening says so within the time it was given, and hides the password", async () => {
      const openedAt = Date.now();

      const error = await thrownBy(() => under.open(under.url().replace(/\/\/.*/, "//user:secret@127.0.0.1:9"), { connectTimeoutMs: 700 }));

      expect(error).toMatchObject({ code: "OV_BUS_UNAVAILABLE", message: expect.not.stringContaining("secret") });
      expect(Date.now() - openedAt).toBeLessThan(3_000);
    });
  });
}

async function answers(bus: Bus): Promise<boolean> {
  return bus.ping(200).then(
    () => true,
    () => false,
  );
}

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await quietFor(5);
}
