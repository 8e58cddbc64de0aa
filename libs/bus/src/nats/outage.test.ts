/** A connection that is cut and comes back, by a proxy before the real server; and what only NATS has besides. */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect, inject, test } from "vitest";
import { outageContract } from "../contract/index.ts";
import { type BusBehindProxy, openBehind } from "../contract/outage.ts";
import { aWakeUp, freshOperatorId, Hands, quietFor } from "../contract/support.ts";
import { openNatsBus } from "./bus.ts";

const under: BusBehindProxy = {
  name: "nats",
  url: () => inject("natsUrl"),
  open: (servers, options) => openNatsBus({ servers, name: "outage", apply: { replicas: 1 }, ...options }),
};

outageContract(under);

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await quietFor(5);
}

test("what is still under way to a taker that stops is put back when it arrives", async () => {
  await using place = await openBehind(under, { holdMs: 30_000 });
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
  await using place = await openBehind(under);
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
  await using place = await openBehind(under);
  const outcomes: string[] = [];
  place.proxy.holdBack();

  const preparing = place.bus.prepareOperator(freshOperatorId()).catch(() => outcomes.push("given up"));
  const later = quietFor(4_000).then(() => outcomes.push("4 s have passed")); // the client's own patience is 5 s
  await Promise.all([preparing, later]);
  place.proxy.letGo();

  expect(outcomes).toEqual(["given up", "4 s have passed"]);
});

test("a broker that says nothing does not keep whoever answers from ending; the client itself would wait for ever", async () => {
  await using place = await openBehind(under);
  const answering = await place.bus.requests.answer(freshOperatorId(), "count", async () => null);
  place.proxy.holdBack();
  const disposedAt = Date.now();

  await answering[Symbol.asyncDispose]();

  expect(Date.now() - disposedAt).toBeLessThan(6_000);
  place.proxy.letGo();
});
