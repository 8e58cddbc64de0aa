/** What programs in other languages see of us, and we of them: these shapes are promises. */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type Msg } from "@nats-io/transport-node";
import type { OpenVibeEvent } from "@openvibe/core";
import { expect, inject, test } from "vitest";
import { anEvent, eventually, freshOperatorId, freshRunId, Hands } from "../contract/support.ts";
import type { RequestEnvelope } from "../requests.ts";
import { openNatsBus } from "./bus.ts";

const never = new AbortController().signal;

function open() {
  return openNatsBus({ servers: inject("natsUrl"), name: "wire", apply: { replicas: 1 } });
}

/** Another client, which knows NATS and nothing of ours. */
async function openForeign() {
  const nc = await connect({ servers: inject("natsUrl") });
  return { nc, jsm: await jetstreamManager(nc), [Symbol.asyncDispose]: () => nc.close() };
}

test("an event is a CloudEvent in binary mode, stored under its subject and republished under log", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const event: OpenVibeEvent = { ...anEvent({ type: "lead.qualified", sequence: 4 }), nodeId: "naïve step" };
  const heard: Msg[] = [];
  foreign.nc.subscribe(`log.contract.lead_qualified.${event.runId}`, { callback: (_error, message) => void heard.push(message) });
  await foreign.nc.flush();

  await bus.log.append(event);
  await eventually(() => heard.length === 1, "the event is republished");
  const stored = await foreign.jsm.streams.getMessage("OV_EVENTS", {
    last_by_subj: `operators.contract.events.lead_qualified.${event.runId}`,
  });

  const attributes = Object.fromEntries([...(stored?.header ?? [])].map(([name, values]) => [name, values[0]]));
  expect(attributes).toEqual({
    "ce-specversion": "1.0",
    "ce-id": event.id,
    "ce-source": "/operators/contract",
    "ce-type": "lead.qualified",
    "ce-subject": `runs/${event.runId}`,
    "ce-time": event.time,
    "ce-operatorid": "contract",
    "ce-workflowid": "flow",
    "ce-runid": event.runId,
    "ce-nodeid": "na%C3%AFve%20step",
    "ce-sequence": "4",
    "content-type": "application/json",
    "Nats-Msg-Id": event.id,
  });
  expect(stored?.json()).toEqual(event.data);
  expect(Number(heard[0]?.headers?.get("Nats-Sequence"))).toBe(stored?.seq);
});

test("what another producer stores in the log is read, and what is no event is passed over", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const runId = freshRunId();
  const hdrs = headers();
  for (const [name, value] of Object.entries({
    "Ce-Id": "x1",
    "Ce-Type": "lead.scored",
    "Ce-Time": "2026-11-22T10:30:00Z",
    "Ce-Runid": runId,
  }))
    hdrs.append(name, value);
  await foreign.nc.request(`operators.crm.events.noise.${runId}`, "no event at all");
  await foreign.nc.request(`operators.crm.events.lead_scored.${runId}`, '{"score": 7}', { headers: hdrs, timeout: 2_000 });

  const read = await Array.fromAsync(bus.log.read(0, { runId }, never));

  expect(read.map(({ event }) => event)).toEqual([
    expect.objectContaining({ id: "x1", type: "lead.scored", runId, operatorId: null, sequence: null, data: { score: 7 } }),
  ]);
});

test("a wake-up is an empty message without msgID under its activation subject", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const [operatorId, runId] = [freshOperatorId(), freshRunId()];

  await bus.queue.publish({ operatorId, runId, kind: "resume", wake: 3 });

  const subject = `operators.${operatorId}.activations.main.resume.${runId}.3`;
  const stored = await foreign.jsm.streams.getMessage("OV_ACTIVATIONS", { last_by_subj: subject });
  expect(stored?.data.length).toBe(0);
  expect(stored?.header?.has("Nats-Msg-Id") ?? false).toBe(false);
});

test("a message that is no wake-up goes to the dead letters, and the taker goes on", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const [operatorId, runId] = [freshOperatorId(), freshRunId()];
  const prefix = `operators.${operatorId}.activations`;
  for (const subject of [
    `${prefix}.main.start.${runId}`,
    `${prefix}.main.explode.${runId}.0`,
    `${prefix}.main.start.${runId}.x`,
    `${prefix}.Upper`,
  ])
    await foreign.nc.request(subject, "");
  await foreign.nc.request(`${prefix}.main.start.${runId}.5`, "{not json");
  await foreign.nc.request(`${prefix}.main.start.${runId}.6`, '{"a": "body that we pass over"}');
  await bus.queue.publish({ operatorId, runId, kind: "start", wake: 0 });

  await using hands = new Hands(bus.queue, operatorId);
  await hands.waitFor(2);
  for (const delivery of [...hands.taken]) hands.done(delivery);
  const letters = async () =>
    (await foreign.jsm.streams.info("OV_DEAD_LETTERS", { subjects_filter: `dead_letters.${operatorId}.>` })).state.subjects;
  let found = await letters();
  while ((found?.[`dead_letters.${operatorId}.bad_message`] ?? 0) < 5) found = await letters();
  const left = async () => (await foreign.jsm.streams.info("OV_ACTIVATIONS", { subjects_filter: `${prefix}.>` })).state.subjects ?? {};
  while (Object.keys(await left()).length > 0) await foreign.nc.flush();

  expect(hands.taken.map(({ wakeUp }) => wakeUp.wake).toSorted()).toEqual([0, 6]);
  expect(found).toEqual({ [`dead_letters.${operatorId}.bad_message`]: 5 });
});

test("a program of another language asks with plain JSON and gets plain JSON, errors as {error: {message}}", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const operatorId = freshOperatorId();
  const asked: RequestEnvelope[] = [];
  await using _answering = await bus.requests.answer(operatorId, "research", async (request) => {
    asked.push(request);
    if (JSON.stringify(request.body).includes("nobody")) throw new Error("no such company");
    return { company_id: "acme" };
  });
  const ask = async (body: string) => (await foreign.nc.request(`operators.${operatorId}.request.research`, body)).json();
  const now = Date.now();

  expect(await ask('{"company": "Acme"}')).toEqual({ company_id: "acme" });
  expect(await ask('{"company": "nobody"}')).toEqual({ error: { message: "no such company" } });
  expect(await ask("{")).toEqual({ error: { code: "OV_JSON_INVALID", message: expect.any(String) } });
  expect(await ask('{"a": 1, "a": 2}')).toMatchObject({ error: { code: "OV_DUPLICATE_KEY" } });
  expect(await ask("")).toEqual({ company_id: "acme" });
  expect(asked[0]).toMatchObject({ body: { company: "Acme" }, askId: expect.stringMatching(/^.{8,}$/) });
  expect(asked[0]?.deadlineAt).toBeGreaterThan(now + 50_000);
  expect(asked[0]?.deadlineAt).toBeLessThan(now + 70_000);
  expect(new Set(asked.map(({ askId }) => askId)).size).toBe(asked.length);
});

test("we ask a program of another language; what is not JSON is its error", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const operatorId = freshOperatorId();
  foreign.nc.subscribe(`operators.${operatorId}.request.>`, {
    callback: (_error, message) => void message.respond(message.subject.endsWith("broken") ? "oops" : `{"got": ${message.string()}}`),
  });
  await foreign.nc.flush();
  const request = { body: [1], askId: "a", deadlineAt: Date.now() + 5_000 };

  expect(await bus.requests.ask(operatorId, "research", request, never)).toEqual({ got: [1] });
  await expect(bus.requests.ask(operatorId, "broken", request, never)).rejects.toMatchObject({ code: "OV_ASK_FAILED" });
});

test("a bucket is a NATS key-value bucket with a history of 8", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const name = `context-${freshOperatorId()}`;
  const bucket = bus.buckets.bucket(name);
  const revision = await bucket.put("lead.acme", { a: 1 });
  await bucket.put("gone", 1);
  await bucket.delete("gone");

  const { config } = await foreign.jsm.streams.info(`KV_${name}`);
  const stored = await foreign.jsm.streams.getMessage(`KV_${name}`, { last_by_subj: `$KV.${name}.lead.acme` });
  const marker = await foreign.jsm.streams.getMessage(`KV_${name}`, { last_by_subj: `$KV.${name}.gone` });
  await foreign.nc.request(`$KV.${name}.text`, "plain text of another client");

  expect(config).toMatchObject({ max_msgs_per_subject: 8, allow_rollup_hdrs: true, discard: "new", max_age: 0 });
  expect([stored?.seq, stored?.string()]).toEqual([revision, '{"a":1}']);
  expect(marker?.header?.get("KV-Operation")).toBe("DEL");
  expect((await bucket.get("text"))?.value).toBe("plain text of another client");
});

test("live events and control signals are snake_case JSON under their subjects", async () => {
  await using bus = await open();
  await using foreign = await openForeign();
  const [operatorId, runId] = [freshOperatorId(), freshRunId()];
  const heard: unknown[] = [];
  foreign.nc.subscribe(`operators.${operatorId}.>`, { callback: (_error, message) => void heard.push([message.subject, message.json()]) });
  await foreign.nc.flush();

  const time = "2026-11-22T10:30:00.000Z";
  bus.signals.live({
    type: "llm.delta",
    time,
    operatorId,
    workflowId: "flow",
    runId,
    nodeId: null,
    attempt: 2,
    number: 7,
    data: { text: "hi" },
  });
  bus.signals.control({ operatorId, verb: "cancel", runId, body: { by: "somebody" } });
  bus.signals.heartbeat(operatorId, { instance: "one" });
  await eventually(() => heard.length === 3, "all three are heard");

  expect(heard).toEqual([
    [
      `operators.${operatorId}.live.llm_delta.${runId}`,
      {
        type: "llm.delta",
        time,
        operator_id: operatorId,
        workflow_id: "flow",
        run_id: runId,
        node_id: null,
        attempt: 2,
        number: 7,
        data: { text: "hi" },
      },
    ],
    [`operators.${operatorId}.control.cancel.${runId}`, { by: "somebody" }],
    [`operators.${operatorId}.heartbeat`, { instance: "one" }],
  ]);
});
