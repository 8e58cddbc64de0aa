/** Order where the stream itself comes and goes, as in an election: a refusal is answered at once, and the next message may be stored. */
import { headers } from "@nats-io/transport-node";
import { newToken } from "@openvibe/core";
import { expect, inject, test } from "vitest";
import { quietFor } from "../contract/support.ts";
import { openLink } from "./link.ts";
import { openLane as laneOf } from "./publish.ts";

async function openLane(patienceMs: number) {
  const link = await openLink({ servers: inject("natsUrl"), name: "lane", patienceMs });
  const name = `LANE_${newToken()}`;
  const send = (lane: ReturnType<typeof laneOf>, number: number) => {
    const hdrs = headers();
    hdrs.append("Nats-Msg-Id", String(number));
    return lane.send({ subject: `${name}.x`, body: String(number), headers: hdrs });
  };
  return { link, name, lane: laneOf(link), send, [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]() };
}

test("what a stream without leader refused is stored before what comes later", async () => {
  await using place = await openLane(5_000);
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  const early = numbers(0, 20).map((number) => place.send(place.lane, number));
  await quietFor(120); // refused, and tried again in vain
  await place.link.jsm.streams.add({ name: place.name, subjects: [`${place.name}.>`], storage: "memory" });
  const late = numbers(20, 40).map((number) => place.send(place.lane, number));
  const outcomes = await Promise.all([...early, ...late]);

  const stored: string[] = [];
  for (let seq = 1; seq <= 40; seq++) stored.push((await place.link.jsm.streams.getMessage(place.name, { seq }))?.string() ?? "");
  await place.link.jsm.streams.delete(place.name);
  expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => "stored"));
  expect(stored).toEqual(numbers(0, 40).map(String));
});

test("a stream that stays away is unavailable for all who wait, and nothing of theirs is stored later", async () => {
  await using place = await openLane(400);

  const outcomes = await Promise.all([1, 2, 3].map((number) => place.send(place.lane, number)));
  await place.link.jsm.streams.add({ name: place.name, subjects: [`${place.name}.>`], storage: "memory" });
  const next = await place.send(place.lane, 4);

  const { state } = await place.link.jsm.streams.info(place.name);
  await place.link.jsm.streams.delete(place.name);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["unavailable", "unavailable", "unavailable"]);
  expect([next.kind, state.messages]).toEqual(["stored", 1]);
});

test("more than may be on their way at once keep their order too", async () => {
  await using place = await openLane(10_000);
  await place.link.jsm.streams.add({ name: place.name, subjects: [`${place.name}.>`], storage: "memory" });

  const outcomes = await Promise.all(Array.from({ length: 3_000 }, (_, number) => place.send(place.lane, number)));

  await place.link.jsm.streams.delete(place.name);
  expect(outcomes.map((outcome) => (outcome.kind === "stored" ? outcome.seq : 0))).toEqual(outcomes.map((_, index) => index + 1));
});
