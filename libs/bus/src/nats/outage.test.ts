/** A connection that is cut and comes back, by a proxy before the real server. */
import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect, inject, test } from "vitest";
import type { BucketChange } from "../buckets.ts";
import type { Bus } from "../bus.ts";
import { anEvent, aWakeUp, eventually, freshOperatorId, freshRunId, Hands, quietFor, thrownBy } from "../contract/support.ts";
import { openNatsBus } from "./bus.ts";
import type { NatsBusOptions } from "./options.ts";

const never = new AbortController().signal;

/** Passes bytes on. `cut` drops every connection with what is under way, and refuses new ones until `mend`. */
async function openProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let passing = true;
  /** What the server said while it is held back. */
  let held: (() => void)[] | undefined;
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.on("data", (bytes) => {
        if (held !== undefined && from === upstream) held.push(() => to.write(bytes));
        else if (passing) to.write(bytes);
      });
    }
  });
  const listen = async (at: number) => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const at = await listen(0);
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `nats://127.0.0.1:${at}`,
    cut,
    /** Nothing passes any more, and nobody is told. */
    freeze() {
      passing = false;
    },
    /** The server's words wait until `letGo`. */
    holdBack() {
      held = [];
    },
    letGo() {
      const late = held ?? [];
      held = undefined;
      for (const say of late) say();
    },
    async mend() {
      passing = true;
      await listen(at);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) cut();
    },
  };
}

async function openBehind(options: Partial<NatsBusOptions> = {}) {
  const proxy = await openProxy(inject("natsUrl"));
  const direct = await openNatsBus({ servers: inject("natsUrl"), name: "direct", apply: { replicas: 1 } });
  const bus: Bus = await openNatsBus({ servers: proxy.url, name: "behind", ...options });
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

async function answers(bus: Bus): Promise<boolean> {
  return bus.ping(200).then(
    () => true,
    () => false,
  );
}

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await quietFor(5);
}

test("a take waits out an outage and goes on with what was published meanwhile", async () => {
  await using place = await openBehind({ holdMs: 1_000 });
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

test("what is still under way to a taker that stops is put back when it arrives", async () => {
  await using place = await openBehind({ holdMs: 30_000 });
  const operatorId = freshOperatorId();
  const leaving = new Hands(place.bus.queue, operatorId, 10);
  await place.direct.queue.publish(aWakeUp({ operatorId, wake: 1 }));
  leaving.done(await leaving.at(0));
  const nc = await connect({ servers: inject("natsUrl") });
  const jsm = await jetstreamManager(nc);
  const delivered = async () => (await jsm.consumers.info("OV_ACTIVATIONS", `op_${operatorId}`)).delivered.consumer_seq;

  place.proxy.holdBack();
  await Promise.all([2, 3, 4].map((wake) => place.direct.queue.publish(aWakeUp({ operatorId, wake }))));
  await until(async () => (await delivered()) === 4);
  const stopping = leaving.stop();
  await quietFor(50);
  place.proxy.letGo();
  await stopping;
  await nc.close();
  await using next = new Hands(place.direct.queue, operatorId, 10);
  await next.waitFor(3, 5_000);

  expect(leaving.taken).toHaveLength(1);
});

test("a consumer that somebody removed is made again by the taker", async () => {
  await using place = await openBehind();
  const operatorId = freshOperatorId();
  await using hands = new Hands(place.bus.queue, operatorId);
  await place.direct.queue.publish(aWakeUp({ operatorId, wake: 1 }));
  hands.done(await hands.at(0));
  const nc = await connect({ servers: inject("natsUrl") });

  await (await jetstreamManager(nc)).consumers.delete("OV_ACTIVATIONS", `op_${operatorId}`);
  await nc.close();
  await place.direct.queue.publish(aWakeUp({ operatorId, wake: 2 }));

  expect((await hands.at(1)).wakeUp.wake).toBe(2);
});

test("a broker that says nothing about a consumer, as in an election, is given up early enough to be asked again soon", async () => {
  await using place = await openBehind();
  const outcomes: string[] = [];
  place.proxy.holdBack();

  const preparing = place.bus.prepareOperator(freshOperatorId()).catch(() => outcomes.push("given up"));
  const later = quietFor(4_000).then(() => outcomes.push("4 s have passed")); // the client's own patience is 5 s
  await Promise.all([preparing, later]);
  place.proxy.letGo();

  expect(outcomes).toEqual(["given up", "4 s have passed"]);
});

test("wake-ups published during an outage wait for its end", async () => {
  await using place = await openBehind();
  const operatorId = freshOperatorId();
  place.proxy.cut();

  const publishing = place.bus.queue.publish(aWakeUp({ operatorId }));
  await quietFor(300);
  await place.proxy.mend();

  expect(await publishing).toBe("stored");
});

test("an outage longer than the patience is OV_BUS_UNAVAILABLE for whoever waits", async () => {
  await using place = await openBehind({ patienceMs: 600 });
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
  await using place = await openBehind();
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
    await using place = await openBehind();
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
  await using place = await openBehind();
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
  await using place = await openBehind();
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
  await using place = await openBehind();
  place.proxy.cut();
  await quietFor(50);
  const disposedAt = Date.now();

  await place.bus[Symbol.asyncDispose]();

  expect(Date.now() - disposedAt).toBeLessThan(8_000);
});

test("where no broker is, opening says so within the time it was given, and hides the password", async () => {
  const openedAt = Date.now();

  const error = await thrownBy(() => openNatsBus({ servers: "nats://user:secret@127.0.0.1:9", name: "nobody", connectTimeoutMs: 700 }));

  expect(error).toMatchObject({ code: "OV_BUS_UNAVAILABLE", message: expect.not.stringContaining("secret") });
  expect(Date.now() - openedAt).toBeLessThan(3_000);
});
