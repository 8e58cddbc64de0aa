import { type JetStreamManager, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { newToken } from "@openvibe/core";
import { expect, inject, test } from "vitest";
import { applyBroker, applyStream, planBroker } from "./apply.ts";
import { applyOperatorConsumer } from "./consumers.ts";
import type { StreamWish } from "./streams.ts";
import { streamWishes } from "./streams.ts";

async function openBroker(): Promise<{ nc: NatsConnection; jsm: JetStreamManager } & AsyncDisposable> {
  const nc = await connect({ servers: inject("natsUrl") });
  return { nc, jsm: await jetstreamManager(nc), [Symbol.asyncDispose]: () => nc.close() };
}

/** One of our streams under a name and subjects of its own: the broker is shared by all tests. */
function ownCopy(name: string): { wish: StreamWish; prefix: string } {
  const wish = streamWishes({ replicas: 1, activationBytes: 10_000, eventBytes: 1_000_000 }).find((one) => one.name === name);
  if (wish === undefined) throw new Error(`no stream ${name}`);
  const prefix = `copy_${newToken()}`;
  const { republish, ...rest } = wish;
  const own = {
    ...rest,
    name: `${name}_${prefix}`,
    subjects: wish.subjects.map((subject) => `${prefix}.${subject}`),
    ...(republish === undefined ? {} : { republish: { src: `${prefix}.${republish.src}`, dest: `${prefix}.${republish.dest}` } }),
  };
  return { wish: own, prefix };
}

/** What the broker answers to one message. */
async function publish(
  nc: NatsConnection,
  subject: string,
  body = "",
): Promise<{ seq?: number; error?: { err_code: number; description: string } }> {
  return (await nc.request(subject, body, { timeout: 2_000 })).json();
}

test("applying makes all streams and the registry's bucket; applying again changes nothing", async () => {
  await using broker = await openBroker();
  await applyBroker(broker.nc, { replicas: 1 });
  const configs = async () =>
    Promise.all(
      (await planBroker(broker.nc, { replicas: 1 })).streams.map(async ({ stream }) => (await broker.jsm.streams.info(stream)).config),
    );
  const before = await configs();

  const { streams } = await applyBroker(broker.nc, { replicas: 1 });

  expect(streams.map(({ stream, action }) => [stream, action])).toEqual([
    ["OV_ACTIVATIONS", "keep"],
    ["OV_EVENTS", "keep"],
    ["OV_DEAD_LETTERS", "keep"],
    ["OV_ADVISORIES", "keep"],
    ["KV_registry", "keep"],
  ]);
  expect(await configs()).toEqual(before);
});

test("several who apply at once do not disturb each other", async () => {
  await using broker = await openBroker();
  const { wish } = ownCopy("OV_EVENTS");

  const plans = await Promise.all(Array.from({ length: 8 }, () => applyStream(broker.jsm, wish)));

  expect(plans.map(({ action }) => action).filter((action) => action === "refuse")).toEqual([]);
});

test("a stream of that name with another nature is refused, every differing field named, nothing changed", async () => {
  await using broker = await openBroker();
  const { wish } = ownCopy("OV_ACTIVATIONS");
  const foreign: Partial<StreamConfig> & { name: string } = {
    name: wish.name,
    subjects: wish.subjects,
    retention: "limits",
    storage: "memory",
    max_msgs: 5,
  };
  const { config } = await broker.jsm.streams.add(foreign);

  const error = await applyStream(broker.jsm, wish).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ code: "OV_BUS_CONFIG" });
  for (const field of ["retention", "storage", "discard", "max_msgs", "max_msgs_per_subject", "discard_new_per_subject"])
    expect((error as Error).message).toContain(`${field} is `);
  expect((error as Error).message).not.toContain("subjects is");
  expect((await broker.jsm.streams.info(wish.name)).config).toEqual(config);
});

test("an older, narrower stream is widened and keeps its messages; what it has more of stays", async () => {
  await using broker = await openBroker();
  const { wish, prefix } = ownCopy("OV_EVENTS");
  const { republish: _, ...rest } = wish;
  await broker.jsm.streams.add({ ...rest, subjects: [`${prefix}.old`], max_age: 0, max_bytes: 1_000, allow_direct: false });
  await publish(broker.nc, `${prefix}.old`, "kept");

  const plan = await applyStream(broker.jsm, wish);
  const { config, state } = await broker.jsm.streams.info(wish.name);

  expect(plan.action).toBe("update");
  expect(config).toMatchObject({
    subjects: [`${prefix}.old`, ...wish.subjects],
    max_age: 0,
    max_bytes: 1_000_000,
    allow_direct: true,
    republish: wish.republish,
  });
  expect(state.messages).toBe(1);
  expect((await applyStream(broker.jsm, wish)).action).toBe("keep");
});

test("the queue refuses a second message on a subject as that, and a full one as full, with one code", async () => {
  await using broker = await openBroker();
  const { wish, prefix } = ownCopy("OV_ACTIVATIONS");
  await applyStream(broker.jsm, wish);
  const subject = (n: number) => `${prefix}.operators.a.activations.main.start.run.${n}`;

  const stored = await publish(broker.nc, subject(0));
  const again = await publish(broker.nc, subject(0));
  let full: Awaited<ReturnType<typeof publish>> = {};
  for (let n = 1; full.error === undefined; n++) full = await publish(broker.nc, subject(n), "x".repeat(1_000));

  expect(stored.seq).toBe(1);
  expect(again.error).toEqual(expect.objectContaining({ err_code: 10077, description: "maximum messages per subject exceeded" }));
  expect(full.error).toEqual(expect.objectContaining({ err_code: 10077, description: "maximum bytes exceeded" }));
});

test("events are republished under their three tokens, and only those of fixed arity", async () => {
  await using broker = await openBroker();
  const { wish, prefix } = ownCopy("OV_EVENTS");
  await applyStream(broker.jsm, wish);
  const heard: string[] = [];
  broker.nc.subscribe(`${prefix}.log.>`, { callback: (_error, message) => void heard.push(message.subject) });

  await publish(broker.nc, `${prefix}.operators.a.events.run_started.r1.extra`);
  await publish(broker.nc, `${prefix}.operators.a.events.run_started.r1`);
  await broker.nc.flush();

  expect(heard).toEqual([`${prefix}.log.a.run_started.r1`]);
});

test("an operator's consumer is made once, and brought to today's configuration", async () => {
  await using broker = await openBroker();
  await applyBroker(broker.nc, { replicas: 1 });
  const operatorId = `op-${newToken()}`;

  await applyOperatorConsumer(broker.jsm, operatorId, { ackWaitMs: 1_000 });
  await applyOperatorConsumer(broker.jsm, operatorId);
  await applyOperatorConsumer(broker.jsm, operatorId);

  const { config } = await broker.jsm.consumers.info("OV_ACTIVATIONS", `op_${operatorId}`);
  expect(config).toMatchObject({
    ack_policy: "explicit",
    ack_wait: 5_000_000_000,
    max_deliver: -1,
    max_ack_pending: 1_000,
    filter_subject: `operators.${operatorId}.activations.>`,
  });
});

test("a plan says what applying would do, and does nothing", async () => {
  await using broker = await openBroker();
  await applyBroker(broker.nc, { replicas: 1 });

  const { streams } = await planBroker(broker.nc, { replicas: 1, eventBytes: 3 * 1024 ** 3 });
  const { config } = await broker.jsm.streams.info("OV_EVENTS");

  expect(streams.find(({ stream }) => stream === "OV_EVENTS")).toMatchObject({
    action: "update",
    differences: [{ field: "max_bytes", changeable: true }],
  });
  expect(config.max_bytes).toBeLessThan(3 * 1024 ** 3);
});
