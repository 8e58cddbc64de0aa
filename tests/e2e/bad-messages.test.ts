/** What strangers may put on NATS, and what NATS may be like: the worker lives on, a normal run completes, and no run's record changes. */
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type MsgHdrs, type NatsConnection, type Payload } from "@nats-io/transport-node";
import type { JsonObject } from "@openvibe/core";
import { type NatsServer, startNats, startPostgres } from "@openvibe/stack";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Client, createClient } from "../support/e2e-client.ts";
import { runCommand, type Server, startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";
import { expectedTrail } from "../support/load-operator.ts";

const LOAD = "tests/support/load-operator.ts";
const KIB = 1024;

/** One account per way to be: ours, one that has other streams, one without JetStream, one without room. */
const ACCOUNTS = `accounts {
  OURS { jetstream: enabled, users: [{ user: ours, password: "right-password" }] }
  OTHER { jetstream: enabled, users: [{ user: other, password: p }] }
  PLAIN { users: [{ user: plain, password: p }] }
  SMALL { jetstream: { max_mem: 0, max_file: 1K }, users: [{ user: small, password: p }] }
}`;

let stack: AsyncDisposableStack;
let nats: NatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
let server: Server;
let client: Client;
/** A run that has ended. */
let ended: string;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const [broker, postgres] = await Promise.all([startNats({ own: true, extraConfig: ACCOUNTS }), startPostgres({ own: true })]);
  nats = stack.use(broker);
  stack.use(postgres);
  const env = { NATS_URL: as("ours:right-password"), DATABASE_URL: await postgres.createDatabase(), OPENVIBE_LLM: "echo" };
  server = stack.use(await startServer({ command: "serve", files: [LOAD], env }));
  client = createClient(server.url);
  nc = await connect({ servers: nats.url, user: "ours", pass: "right-password" });
  stack.defer(() => nc.close());
  jsm = await jetstreamManager(nc);
  ended = (await client.run("load", "count", { number: 1, pause_ms: 0 })).run_id;
  await until("its own wake-up is settled", async () => (await waiting(`${START}.${ended}.0`)) === 0);
});

afterAll(async () => {
  await stack?.disposeAsync();
});

afterEach(async () => {
  const run = await client.run("load", "count", { number: 2, pause_ms: 0 });
  expect(run, "a normal run after it").toMatchObject({ status: "completed", attempt: 1, output: { trail: expectedTrail(2) } });
  expect(server.exited()).toBe(false);
});

const START = "operators.load.activations.main.start";

describe("a wake-up that cannot be one goes to the dead letters with its subject and what it held", () => {
  test.each<{ what: string; subject: () => string; body?: Payload; text?: string }>([
    {
      what: "bytes that are no text",
      subject: () => `${START}.${ended}.0`,
      body: Uint8Array.of(0xff, 0xfe, 0x00),
      text: "\ufffd\ufffd\u0000",
    },
    { what: "text that is no JSON", subject: () => `${START}.run_text.0`, body: "{'a': 1}", text: "{'a': 1}" },
    { what: "900 KiB that are no JSON", subject: () => `${START}.run_big.0`, body: "x".repeat(900 * KIB), text: "x".repeat(2 * KIB) },
    { what: "an unknown kind", subject: () => `operators.load.activations.main.explode.${ended}.0` },
    { what: "a wake number with zeros before it", subject: () => `${START}.${ended}.007` },
    { what: "a negative wake number", subject: () => `${START}.${ended}.-1` },
    { what: "no wake number", subject: () => `${START}.${ended}` },
    { what: "a token too many", subject: () => `${START}.${ended}.0.v2` },
    { what: "a run id that is none", subject: () => `${START}.RUN*.0` },
  ])("$what", async ({ subject, body = "", text = "" }) => {
    await publish(subject(), body);

    expect(await deadLetter("bad_message", subject())).toEqual({ subject: subject(), text });
    await until("the message is settled", async () => (await waiting(subject())) === 0);
  });
});

describe("a wake-up that is one, and comes from nobody", () => {
  test.each<{ what: string; body: Payload; hdrs?: Record<string, string> }>([
    { what: "without a body", body: "" },
    { what: "with 900 KiB of JSON: ids stand in the subject, a body says nothing", body: JSON.stringify("x".repeat(900 * KIB)) },
    { what: "with headers of a stranger", body: "", hdrs: { "Nats-Msg-Id": "mine", "ce-runid": "run_other", traceparent: "00-nonsense" } },
  ])("of a run that has ended is dropped: $what", async ({ body, hdrs = {} }) => {
    const before = await client.get("load", ended);

    await publish(`${START}.${ended}.0`, body, hdrs);

    await until("the message is settled", async () => (await waiting(`${START}.${ended}.0`)) === 0);
    expect(await client.get("load", ended)).toEqual(before);
  });

  test("with a wake number that the run never had goes to the dead letters", async () => {
    await publish(`${START}.${ended}.7`, "");

    expect(await deadLetter("unknown_wake", ended)).toMatchObject({ kind: "start", wake: 7 });
  });

  test("of a run that nobody knows is kept for a minute, since its INSERT may be on its way, and goes to the dead letters when it comes again", async () => {
    const subject = `${START}.run_of_nobody.0`;
    await publish(subject, "");
    await until("the worker has put it back", async () => (await jsm.consumers.info("OV_ACTIVATIONS", "op_load")).num_ack_pending > 0);
    expect(await waiting(subject)).toBe(1);

    await jsm.consumers.delete("OV_ACTIVATIONS", "op_load"); // a new one delivers at once, and the worker makes it

    expect(await deadLetter("unknown_run", "run_of_nobody")).toMatchObject({ kind: "start", wake: 0 });
  });

  test("for an operator that nobody serves stays where it is", async () => {
    const subject = "operators.nobody.activations.main.start.run_x.0";

    await publish(subject, "");
    await client.run("load", "count", { number: 3, pause_ms: 0 });

    expect(await waiting(subject)).toBe(1);
    expect((await client.call("POST", "/v1/operators/nobody/activate", { trigger: "x" })).status).toBe(404);
  });
});

describe("an event that we did not say", () => {
  test("that ends a run: the log keeps it and streams tell it, the run goes on and its record is its own", async () => {
    const { run_id } = await client.activate("load", "count", { number: 5, pause_ms: 150 });
    const hdrs = {
      "ce-specversion": "1.0",
      "ce-id": `${run_id}:99`,
      "ce-source": "/operators/load",
      "ce-type": "run.failed",
      "ce-time": new Date().toISOString(),
      "ce-operatorid": "load",
      "ce-workflowid": "count",
      "ce-runid": run_id,
      "ce-sequence": "99",
    };

    const stored = await publish(`operators.load.events.run_failed.${run_id}`, '{"status":"failed","output":{"trail":["forged"]}}', hdrs);

    expect(stored).toMatchObject({ stream: "OV_EVENTS" }); // only the broker's permissions keep strangers from writing there
    const run = await until("the run ends", async () => {
      const found = await client.get("load", run_id);
      return found.completed_at !== null && found;
    });
    expect(run).toMatchObject({ status: "completed", attempt: 1, output: { trail: expectedTrail(5) } });
    expect(run.error).toBeUndefined();
    const own = await until("its own last event is told", async () => {
      const events = await client.events("load", run_id);
      return events.some(({ type }) => type === "run.completed") && events.filter(({ type }) => type !== "run.failed");
    });
    expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, index) => index));
  });

  test.each<{ what: string; body: Payload; hdrs: Record<string, string>; told: string[] }>([
    { what: "without headers is not told", body: "{}", hdrs: {}, told: [] },
    { what: "that is no JSON is not told", body: "nonsense", hdrs: { "ce-id": "x:1", "ce-type": "x.y", "ce-time": "now" }, told: [] },
    {
      what: "with line breaks in its type is told as one event, under one line",
      body: "{}",
      hdrs: { "ce-id": "x:2", "ce-type": "a%0Aevent: b%0A%0Adata: {}", "ce-time": "now" },
      told: ["aevent: bdata: {}"],
    },
  ])("$what, and harms no stream that hears it", async ({ body, hdrs, told }) => {
    const { run_id } = await client.activate("load", "count", { number: 7, pause_ms: 30 });
    const streaming = client.stream("load", run_id);

    await publish(`operators.load.events.stranger.${run_id}`, body, { ...hdrs, "ce-runid": run_id, "ce-operatorid": "load" });

    const stored = (await streaming).filter(({ id }) => id !== undefined).map(({ event }) => event);
    expect(stored.filter((type) => /^(run|node|load)\./.test(type))).toEqual([
      "run.queued",
      "run.started",
      ...Array.from({ length: 5 }, () => "node.completed"),
      "load.counted",
      "node.completed",
      "node.completed",
      "run.completed",
    ]);
    expect(stored.filter((type) => !/^(run|node|load|stream)\./.test(type))).toEqual(told);
  });
});

test("what a stranger names as the place for a reply gets the stream's answer and nothing of ours", async () => {
  const heard: string[] = [];
  const inbox = nc.subscribe("stranger.inbox", { callback: (_error, message) => void heard.push(message.string()) });

  nc.publish(`${START}.${ended}.0`, "", { reply: "stranger.inbox" });
  await until("the stream answers", () => heard.length > 0);
  await until("the message is settled", async () => (await waiting(`${START}.${ended}.0`)) === 0);
  await nc.flush();
  inbox.unsubscribe();

  expect(heard).toEqual([expect.stringMatching(/^\{"stream":"OV_ACTIVATIONS"/)]);
});

test("a body above 1 MiB is refused by the gateway before anything is published", async () => {
  const { status, body } = await client.call("POST", "/v1/operators/load/activate", {
    trigger: "count",
    input: { text: "x".repeat(1_024 * KIB) },
  });

  expect([status, body.code]).toEqual([413, "OV_BODY_TOO_LARGE"]);
});

describe("a broker that is not as it must be stops the start with one line", () => {
  const serve = async (login: string) =>
    await runCommand(["serve", LOAD, "--port", "0"], { NATS_URL: as(login), OPENVIBE_STORE: "memory", OPENVIBE_LLM: "echo" });

  test("a stream of ours with another configuration: every field that differs", async () => {
    const other = await connect({ servers: nats.url, user: "other", pass: "p" });
    await (await jetstreamManager(other)).streams.add({ name: "OV_ACTIVATIONS", subjects: ["operators.*.activations.>"], max_msgs: 5 });
    await other.close();

    const { exitCode, stderr } = await serve("other:p");

    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^openvibe: stream OV_ACTIVATIONS is not as OpenVibe needs it: .*\n$/);
    for (const field of ['retention is "limits", wanted "workqueue"', "max_msgs is 5, wanted unlimited", "discard_new_per_subject is"])
      expect(stderr).toContain(field);
  });

  test.each([
    ["no JetStream", "plain:p", 4, /^openvibe: JetStream does not answer: JetStream not enabled for account\n$/],
    [
      "no room for the streams",
      "small:p",
      3,
      /^openvibe: stream OV_ACTIVATIONS cannot be created: insufficient storage resources available\n$/,
    ],
    ["a wrong password", "ours:wrong-password", 4, /^openvibe: NATS at 127\.0\.0\.1:\d+ refuses the login; .*: Authorization Violation\n$/],
  ] as const)("%s", async (_, login, code, line) => {
    const { exitCode, stdout, stderr } = await serve(login);

    expect(stderr).toMatch(line);
    expect(exitCode).toBe(code);
    expect(stdout + stderr).not.toMatch(/(right|wrong)-password/);
  });
});

/** The broker's address with a login in it. */
function as(login: string): string {
  return nats.url.replace("nats://", `nats://${login}@`);
}

/** Publishes to whatever stream listens there; gives what it answers. */
async function publish(subject: string, body: Payload, fields: Readonly<Record<string, string>> = {}): Promise<JsonObject> {
  const hdrs: MsgHdrs = headers();
  for (const [name, value] of Object.entries(fields)) hdrs.set(name, value);
  const answer = (await nc.request(subject, body, { timeout: 5_000, headers: hdrs })).json<JsonObject>();
  if (answer.error !== undefined) throw new Error(`${subject} is not published: ${JSON.stringify(answer.error)}`);
  return answer;
}

/** How many wake-ups lie on a subject. */
async function waiting(subject: string): Promise<number> {
  const { state } = await jsm.streams.info("OV_ACTIVATIONS", { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
}

/** The newest dead letter for a reason that holds a text, once there is one. */
async function deadLetter(reason: string, holding: string): Promise<JsonObject> {
  return await until(`a dead letter for ${reason}`, async () => {
    const { state } = await jsm.streams.info("OV_DEAD_LETTERS");
    for (let seq = state.last_seq; seq >= state.first_seq && seq > 0; seq--) {
      const message = await jsm.streams.getMessage("OV_DEAD_LETTERS", { seq });
      if (message?.subject !== `dead_letters.load.${reason}`) continue;
      if (message.string().includes(JSON.stringify(holding))) return message.json<JsonObject>();
    }
    return undefined;
  });
}
