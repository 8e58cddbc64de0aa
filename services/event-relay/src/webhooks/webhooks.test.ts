import { DatabaseSync } from "node:sqlite";
import { openMemoryBus } from "@openvibe/bus/memory";
import { newRunId, newToken, OpenVibeError, systemClock } from "@openvibe/core";
import { createTargetGuard, LOOPBACK_TARGETS, newWebhookSecret } from "@openvibe/http";
import type { NewSubscription, Store } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { Webhook } from "standardwebhooks";
import { describe, expect, test, vi } from "vitest";
import type { EventRelayOptions } from "../event-relay.ts";
import { anEvent, appendMany, aRunEvent } from "../test-rig/events.ts";
import { FaultyLog } from "../test-rig/faulty-log.ts";
import { startReceiver } from "../test-rig/receiver.ts";
import { type Ground, openMemoryGround, openNatsGround, startRelay } from "../test-rig/relay.ts";

const targets = createTargetGuard({ allow: LOOPBACK_TARGETS });
const start = (ground: Pick<EventRelayOptions, "bus" | "store">, options: Partial<EventRelayOptions> = {}) =>
  startRelay(ground, { targets, webhooks: { lookEveryMs: 30 }, ...options });

async function subscribe({ bus, store }: Pick<Ground, "bus" | "store">, url: string, given: Partial<NewSubscription> = {}) {
  const subscription: NewSubscription = {
    subscriptionId: `sub_${newToken()}`,
    url,
    types: ["*"],
    operators: null,
    description: null,
    ordered: false,
    secret: newWebhookSecret(),
    fromPosition: (await bus.log.bounds()).last,
    ...given,
  };
  await store.subscriptions.add(subscription, 1_000);
  return subscription;
}

const deliveriesOf = (store: Store, subscriptionId: string) => store.deliveries.list({ subscriptionId }, { limit: 200 });
const soon = <T>(look: () => T | Promise<T>) => vi.waitFor(look, { timeout: 10_000, interval: 15 });

/** A ground whose store runs ahead as far as it is told. */
function openAheadGround() {
  const database = new DatabaseSync(":memory:");
  const bus = openMemoryBus({ database });
  let aheadMs = 0;
  const store = openSqliteStore({ path: ":memory:", clock: { now: () => Date.now() + aheadMs } });
  return {
    bus,
    store,
    advance(ms: number) {
      aheadMs += ms;
    },
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      database.close();
    },
  };
}

describe.each([
  ["memory", async () => openMemoryGround()],
  ["nats", openNatsGround],
] as const)("webhooks over %s", (_name, openGround) => {
  test("every event that matches, from the subscription on, signed, under its own id; others not", async () => {
    await using ground = await openGround();
    await using receiver = await startReceiver();
    const operatorId = `sales_${newToken()}`;
    const runId = newRunId(Date.now());
    await ground.bus.log.append(anEvent({ operatorId }));
    const { secret, subscriptionId } = await subscribe(ground, receiver.url, {
      types: ["lead.qualified", "run.*"],
      operators: [operatorId],
    });
    await using _relay = await start(ground);

    const qualified = anEvent({ operatorId, data: { name: "Zoë \u0000 𝄞" } });
    const dotted = anEvent({ operatorId, id: `context-leads.17.${newToken()}` });
    const completed = { ...aRunEvent(runId, 4, "run.completed"), operatorId };
    for (const event of [qualified, anEvent(), anEvent({ operatorId, type: "lead.lost" }), dotted, completed])
      await ground.bus.log.append(event);
    await soon(() => expect(receiver.received).toHaveLength(3));

    const verified = receiver.received.map(({ body, headers }) => new Webhook(secret).verify(body, headers));
    expect(verified).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ specversion: "1.0", id: qualified.id, type: "lead.qualified", data: qualified.data }),
        expect.objectContaining({ id: dotted.id }),
        expect.objectContaining({ id: `${runId}:4`, type: "run.completed", runid: runId, sequence: 4 }),
      ]),
    );
    // A dot would end the id in what is signed.
    expect(receiver.ids()).toEqual(expect.arrayContaining([qualified.id, `${runId}:4`, expect.stringMatching(/^event_[0-9a-f]{32}$/)]));
    expect(receiver.received[0]?.headers).toMatchObject({ "content-type": "application/cloudevents+json; charset=utf-8" });
    await soon(async () => {
      expect((await deliveriesOf(ground.store, subscriptionId)).map(({ status }) => status)).toEqual([
        "delivered",
        "delivered",
        "delivered",
      ]);
    });
  });

  test("events that came while no relay ran are sent by the next one, each once", async () => {
    await using ground = await openGround();
    await using receiver = await startReceiver();
    const operatorId = `sales_${newToken()}`;
    await subscribe(ground, receiver.url, { operators: [operatorId] });
    {
      await using _relay = await start(ground);
      await appendMany(ground.bus.log, 5, { operatorId });
      await soon(() => expect(receiver.received).toHaveLength(5));
    }
    await appendMany(ground.bus.log, 300, { operatorId });
    await using _one = await start(ground);
    await using _two = await start(ground);
    await appendMany(ground.bus.log, 50, { operatorId });

    await soon(() => expect(receiver.received).toHaveLength(355));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(new Set(receiver.ids()).size).toBe(355);
    expect(receiver.received).toHaveLength(355);
  });
});

describe("a receiver", () => {
  test("that is down for a day gets every event once it returns, each under the id it had", async () => {
    await using ground = openAheadGround();
    await using receiver = await startReceiver((response) => response.writeHead(503).end("down"));
    const { subscriptionId } = await subscribe(ground, receiver.url);
    await using _relay = await start(ground);
    await appendMany(ground.bus.log, 20);
    await soon(async () => {
      const all = await deliveriesOf(ground.store, subscriptionId);
      expect([all.length, all.filter(({ lastError }) => lastError === "http_503").length]).toEqual([20, 20]);
    });

    const tried = new Set(receiver.ids());
    ground.advance(86_400_000);
    receiver.received.length = 0;
    receiver.answer = (response) => response.writeHead(200).end();
    await appendMany(ground.bus.log, 5);
    await soon(() => expect(receiver.received).toHaveLength(25));

    expect([...tried].every((id) => receiver.ids().includes(id))).toBe(true);
    await soon(async () => {
      expect((await deliveriesOf(ground.store, subscriptionId)).every(({ status }) => status === "delivered")).toBe(true);
    });
  });

  test("that is never there: after ten attempts its delivery is a dead letter, which can be sent again", async () => {
    await using ground = openAheadGround();
    await using receiver = await startReceiver((response) => response.writeHead(500).end(`"${"é".repeat(2_000)}"`));
    const { subscriptionId } = await subscribe(ground, receiver.url);
    await using _relay = await start(ground);
    const event = anEvent();
    await ground.bus.log.append(event);
    for (let attempts = 1; attempts <= 10; attempts++) {
      await soon(async () => expect(await ground.store.deliveries.listAttempts({ subscriptionId }, { limit: 20 })).toHaveLength(attempts));
      ground.advance(30 * 3_600_000);
    }

    const dead = await soon(async () => {
      const [found] = await ground.store.deliveries.list({ subscriptionId, status: "dead_lettered" }, { limit: 5 });
      expect(found).toMatchObject({ eventId: event.id, attempts: 10, nextAt: null, lastStatus: 500, lastError: "http_500" });
      return found;
    });
    const attempts = await ground.store.deliveries.listAttempts({ subscriptionId }, { limit: 20 });
    expect(attempts[0]).toMatchObject({ attempt: 10, statusCode: 500, response: `"${"é".repeat(1_023)}` });
    expect(new Set(receiver.ids())).toEqual(new Set([event.id]));

    receiver.answer = (response) => response.writeHead(200).end();
    await ground.store.deliveries.resend(subscriptionId, dead?.deliveryId ?? "");
    await soon(async () => {
      expect(await ground.store.deliveries.find(subscriptionId, dead?.deliveryId ?? "")).toMatchObject({
        status: "delivered",
        attempts: 11,
      });
    });
  });

  test("that hangs blocks nobody else", async () => {
    await using ground = openMemoryGround();
    await using dead = await startReceiver(() => {});
    await using alive = await startReceiver();
    await subscribe(ground, dead.url);
    await subscribe(ground, alive.url);
    await using _relay = await start(ground, { webhooks: { lookEveryMs: 30, timeoutMs: 400, perSubscription: 2 } });
    const began = performance.now();
    await appendMany(ground.bus.log, 40);

    await soon(() => expect(alive.received).toHaveLength(40));
    expect(dead.received.length).toBeLessThanOrEqual(4);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("53: that answers 410 is sent nothing more, which an event tells; enabled again it goes on with what it had refused", async () => {
    await using ground = openMemoryGround();
    await using receiver = await startReceiver((response) => response.writeHead(410).end());
    await using witness = await startReceiver();
    const { subscriptionId } = await subscribe(ground, receiver.url, { types: ["lead.*"] });
    await subscribe(ground, witness.url, { types: ["subscription.disabled"] });
    await using _relay = await start(ground);
    const refused = anEvent();
    await ground.bus.log.append(refused);

    await soon(() => expect(witness.received).toHaveLength(1));
    expect(JSON.parse(witness.received[0]?.body ?? "")).toMatchObject({
      type: "subscription.disabled",
      data: { subscription_id: subscriptionId },
    });
    await soon(async () => expect(await ground.store.subscriptions.find(subscriptionId)).toMatchObject({ status: "disabled" }));
    const missed = anEvent();
    for (const event of [missed, anEvent({ type: "subscription.disabled" })]) await ground.bus.log.append(event);
    await soon(() => expect(witness.received).toHaveLength(2)); // so far it was worked through
    const told = receiver.received.length;
    receiver.answer = (response) => response.writeHead(200).end();
    await ground.store.subscriptions.change(subscriptionId, { status: "enabled" });

    await soon(() => expect(receiver.ids().slice(told)).toEqual([refused.id]));
  });

  test("50: that redirects to a private address has not been delivered to, and says so", async () => {
    await using ground = openMemoryGround();
    await using inside = await startReceiver();
    await using receiver = await startReceiver((response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end());
    const { subscriptionId } = await subscribe(ground, receiver.url);
    await using _relay = await start(ground);
    await ground.bus.log.append(anEvent());

    await soon(async () => {
      expect(await deliveriesOf(ground.store, subscriptionId)).toMatchObject([{ status: "pending", lastError: "redirect_not_followed" }]);
    });
    expect(inside.received).toEqual([]);
  });

  test("49: whose name leads to a private address is not connected to, and its delivery says when it is tried next", async () => {
    await using ground = openMemoryGround();
    const { subscriptionId } = await subscribe(ground, "https://hooks.example.com/");
    await using _relay = await start(ground, {
      webhooks: { lookEveryMs: 30, lookup: (_name, _options, done) => done(null, [{ address: "10.0.0.1", family: 4 }]) },
    });
    await ground.bus.log.append(anEvent());

    await soon(async () => {
      const [delivery] = await deliveriesOf(ground.store, subscriptionId);
      expect(delivery).toMatchObject({ status: "pending", lastStatus: null, lastError: "blocked_address" });
      expect(delivery?.nextAt).toBeGreaterThan(Date.now());
    });
    expect(await ground.store.deliveries.listAttempts({ subscriptionId }, { limit: 5 })).toMatchObject([
      { error: "blocked_address", detail: expect.stringContaining("10.0.0.1") as string, statusCode: null, response: null },
    ]);
  });

  test("51: that is not there has a delivery with the cause and the time of the next attempt", async () => {
    await using ground = openMemoryGround();
    const { subscriptionId } = await subscribe(ground, "http://127.0.0.1:1/");
    await using _relay = await start(ground, { targets: createTargetGuard({ allow: ["127.0.0.1"] }) });
    await ground.bus.log.append(anEvent());
    await soon(async () => {
      expect((await deliveriesOf(ground.store, subscriptionId))[0]).toMatchObject({ lastError: "blocked_address" });
    });

    await ground.store.subscriptions.change(subscriptionId, { url: "http://127.0.0.1:65534/" });
    const [delivery] = await deliveriesOf(ground.store, subscriptionId);
    await ground.store.deliveries.resend(subscriptionId, delivery?.deliveryId ?? "");
    await soon(async () => {
      const [again] = await deliveriesOf(ground.store, subscriptionId);
      expect(again).toMatchObject({ lastError: "connection_failed" });
      expect(again?.nextAt).toBeGreaterThan(Date.now());
    });
  });
});

describe("a subscription", () => {
  test("in order: one at a time per run, as they happened, though one of them fails", async () => {
    await using ground = openAheadGround();
    let failures = 1;
    await using receiver = await startReceiver((response, { id }) => {
      if (id.endsWith(":2") && failures-- > 0) return void response.writeHead(500).end();
      setTimeout(() => response.writeHead(200).end(), Math.random() * 20);
    });
    await subscribe(ground, receiver.url, { ordered: true });
    await using _one = await start(ground);
    await using _two = await start(ground);
    const runIds = ["a", "b", "c"].map((letter) => newRunId(Date.now()) + letter);
    for (let sequence = 0; sequence < 6; sequence++)
      for (const runId of runIds)
        await ground.bus.log.append(aRunEvent(runId, sequence, sequence === 5 ? "run.completed" : "node.completed"));

    await soon(() => expect(receiver.received).toHaveLength(6 + 6 + 3)); // one run waits behind what failed
    ground.advance(7_000);
    await soon(() => expect(receiver.received).toHaveLength(6 + 6 + 7));
    for (const runId of runIds) {
      const order = receiver.ids().filter((id) => id.startsWith(`${runId}:`));
      expect([...new Set(order)]).toEqual([0, 1, 2, 3, 4, 5].map((sequence) => `${runId}:${sequence}`));
      expect(order).toEqual(order.toSorted());
    }
  });

  test("that came later is not sent what was before it", async () => {
    await using ground = openMemoryGround();
    await using first = await startReceiver();
    await using second = await startReceiver();
    await subscribe(ground, first.url);
    const [before, after] = [anEvent(), anEvent()];
    await ground.bus.log.append(before);
    await subscribe(ground, second.url);
    await using _relay = await start(ground);
    await ground.bus.log.append(after);

    await soon(() => expect([first.ids().toSorted(), second.ids()]).toEqual([[before.id, after.id].toSorted(), [after.id]]));
  });

  test("misses nothing that could not be stored at first", async () => {
    await using ground = openMemoryGround();
    await using receiver = await startReceiver();
    await subscribe(ground, receiver.url);
    let outages = 2;
    const { deliveries } = ground.store;
    const add: typeof deliveries.add = async (...given) => {
      if (given[0].length > 0 && outages-- > 0) throw new OpenVibeError("OV_STORE_UNAVAILABLE", "the store does not answer (injected)");
      return await deliveries.add(...given);
    };
    await using _relay = await start({ bus: ground.bus, store: { ...ground.store, deliveries: { ...deliveries, add } } });
    await appendMany(ground.bus.log, 5);

    await soon(() => expect(receiver.received).toHaveLength(5));
  });

  test("that is paused is sent what it missed once it is enabled", async () => {
    await using ground = openMemoryGround();
    await using receiver = await startReceiver();
    const { subscriptionId } = await subscribe(ground, receiver.url);
    await ground.store.subscriptions.change(subscriptionId, { status: "paused" });
    await using _relay = await start(ground);
    await appendMany(ground.bus.log, 10);
    await soon(async () => expect(await deliveriesOf(ground.store, subscriptionId)).toHaveLength(10));
    expect(receiver.received).toEqual([]);

    await ground.store.subscriptions.change(subscriptionId, { status: "enabled" });

    await soon(() => expect(receiver.received).toHaveLength(10));
  });

  test("whose secret is exchanged signs with both", async () => {
    await using ground = openMemoryGround();
    await using receiver = await startReceiver();
    const { subscriptionId, secret } = await subscribe(ground, receiver.url);
    const fresh = newWebhookSecret();
    await ground.store.subscriptions.rotate(subscriptionId, fresh, 86_400_000);
    await using _relay = await start(ground);
    await ground.bus.log.append(anEvent());

    const [{ body, headers }] = await soon(() => {
      expect(receiver.received).toHaveLength(1);
      return receiver.received as [(typeof receiver.received)[0]];
    });
    expect(headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    for (const each of [secret, fresh]) expect(new Webhook(each).verify(body, headers)).toMatchObject({ type: "lead.qualified" });
  });

  test("a replay sends what matches of a time again, also from before the subscription, under the same ids", async () => {
    await using ground = openMemoryGround();
    await using receiver = await startReceiver();
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();
    const events = [0, 10, 20, 30].map((minute) => anEvent({ time: at(minute) }));
    // Out of its time, as after an outage.
    const late = anEvent({ time: at(15) });
    for (const event of [...events, late, anEvent({ time: at(12), type: "lead.lost" })]) await ground.bus.log.append(event);
    const { subscriptionId } = await subscribe(ground, receiver.url, { types: ["lead.qualified"] });
    await using _relay = await start(ground);
    const wanted = [events[1], events[2], late].map((event) => event?.id).toSorted();
    const range = { from: Date.parse(at(10)), to: Date.parse(at(20)) };

    await ground.store.subscriptions.replay(subscriptionId, range);
    await soon(() => expect(receiver.ids().toSorted()).toEqual(wanted));
    await soon(async () => expect(await ground.store.subscriptions.find(subscriptionId)).toMatchObject({ replay: null }));
    await ground.store.subscriptions.replay(subscriptionId, range);

    await soon(() => expect(receiver.ids().toSorted()).toEqual([...wanted, ...wanted].toSorted()));
  });

  test("goes on when the log is lost and another one takes its place", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    const bus = { ...ground.bus, log };
    await using receiver = await startReceiver();
    await appendMany(log, 30);
    await subscribe({ bus, store: ground.store }, receiver.url);
    await using _relay = await start({ bus, store: ground.store });
    await log.append(anEvent());
    await soon(() => expect(receiver.received).toHaveLength(1));

    await using other = openMemoryGround();
    await log.exchange(other.bus.log);
    const fresh = anEvent();
    await log.append(fresh);

    await soon(() => expect(receiver.ids()).toContain(fresh.id));
  });

  test("waits out an outage of the bus", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    const bus = { ...ground.bus, log };
    await using receiver = await startReceiver();
    await subscribe({ bus, store: ground.store }, receiver.url);
    await using _relay = await start({ bus, store: ground.store });
    log.isDown = true;
    await appendMany(log, 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    log.isDown = false;

    await soon(() => expect(receiver.received).toHaveLength(5));
  });
});

test("a relay that ends lets an attempt finish that is on its way", async () => {
  await using ground = openMemoryGround();
  const asked = Promise.withResolvers<() => void>();
  await using receiver = await startReceiver((response) => asked.resolve(() => response.writeHead(200).end()));
  const { subscriptionId } = await subscribe(ground, receiver.url);
  const relay = await start(ground);
  await ground.bus.log.append(anEvent());
  const finish = await asked.promise;
  setTimeout(finish, 100);

  await relay[Symbol.asyncDispose]();

  expect(await deliveriesOf(ground.store, subscriptionId)).toMatchObject([{ status: "delivered", attempts: 1 }]);
});

test("the clock of a signature is the machine's", async () => {
  await using ground = openMemoryGround();
  await using receiver = await startReceiver();
  await subscribe(ground, receiver.url);
  await using _relay = await start(ground, { clock: systemClock });
  await ground.bus.log.append(anEvent());

  await soon(() => expect(receiver.received).toHaveLength(1));
  expect(Math.abs(Number(receiver.received[0]?.headers["webhook-timestamp"]) - Date.now() / 1_000)).toBeLessThan(5);
});
