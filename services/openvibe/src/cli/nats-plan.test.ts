/** `openvibe nats plan` and `apply` as processes, on brokers of their own. */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createDatabase, startNatsCluster } from "@openvibe/stack";
import { openPostgresStore } from "@openvibe/store/postgres";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { openvibe } from "../spawn-node.fixture.ts";
import { openOwnBroker } from "./nats-broker.fixture.ts";

const STREAMS = ["OV_ACTIVATIONS", "OV_EVENTS", "OV_DEAD_LETTERS", "OV_ADVISORIES", "KV_registry"];
const DAY = 86_400e9;

const manifest = { id: "planned", name: "Planned", workflows: [], answers: {} };

test("on an empty broker a plan shows what would be made and makes nothing; applying makes it, and again changes nothing", async () => {
  await using broker = await openOwnBroker();

  const plan = await broker.nats(["plan", "--exit-code"]);
  const before = await broker.jsm.streams.list().next();
  const first = await broker.nats(["apply"]);
  const second = await broker.nats(["apply"]);
  const after = await broker.nats(["plan", "--exit-code"]);

  expect([plan.code, plan.out]).toEqual([
    1,
    `${STREAMS.map((name) => `create   stream ${name}\n`).join("")}\napply would create 5 and update 0; nothing is changed yet\n`,
  ]);
  expect(before).toEqual([]);
  expect([first.code, first.out]).toEqual([0, expect.stringMatching(/\n5 created, 0 updated\n$/) as string]);
  expect([second.code, second.out]).toEqual([0, `${STREAMS.map((name) => `keep     stream ${name}\n`).join("")}\nnothing changed\n`]);
  expect([after.code, after.out]).toEqual([0, expect.stringMatching(/\napply would change nothing\n$/) as string]);
});

test("what is narrower is shown field by field and widened", async () => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);
  await broker.jsm.streams.update("OV_EVENTS", { max_age: 2 * DAY, allow_direct: false });

  const plan = await broker.nats(["plan"]);
  const json = await broker.nats(["plan", "--json"]);
  const kept = (await broker.jsm.streams.info("OV_EVENTS")).config;
  const applied = await broker.nats(["apply"]);
  const { config } = await broker.jsm.streams.info("OV_EVENTS");

  expect(plan.code).toBe(0);
  expect(plan.out).toContain("update   stream OV_EVENTS\n         max_age: 2d -> 7d\n         allow_direct: false -> true\n");
  expect(JSON.parse(json.out)).toMatchObject({
    create: 0,
    update: 1,
    refuse: 0,
    streams: [
      {},
      {
        stream: "OV_EVENTS",
        action: "update",
        changes: [
          { field: "max_age", found: 2 * DAY, wanted: 7 * DAY },
          { field: "allow_direct", found: false, wanted: true },
        ],
        kept: [],
      },
      {},
      {},
      {},
    ],
    consumers: [],
  });
  expect(kept).toMatchObject({ max_age: 2 * DAY, allow_direct: false });
  expect(applied.out).toMatch(/\n0 created, 1 updated\n$/);
  expect(config).toMatchObject({ max_age: 7 * DAY, allow_direct: true });
});

test("what is wider is left so, in a line each; only --force narrows it", async () => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);
  const subjects = ["operators.*.events.>", "other.>"];
  const { config: wider } = await broker.jsm.streams.update("OV_EVENTS", { max_age: 14 * DAY, max_bytes: -1, subjects });

  const applied = await broker.nats(["apply"]);
  const { config: left } = await broker.jsm.streams.info("OV_EVENTS");
  const planned = await broker.nats(["plan", "--force"]);
  const forced = await broker.nats(["apply", "--force"]);
  const { config } = await broker.jsm.streams.info("OV_EVENTS");

  expect(applied.code).toBe(0);
  expect(applied.out.split("\n").filter((line) => line.startsWith("refused"))).toEqual([
    `refused  stream OV_EVENTS keeps subjects ${JSON.stringify(subjects)}, declared is ["operators.*.events.>"]: narrowing it takes --force`,
    "refused  stream OV_EVENTS keeps max_bytes unlimited, declared is 2 GiB: narrowing it takes --force",
    "refused  stream OV_EVENTS keeps max_age 14d, declared is 7d: narrowing it takes --force",
  ]);
  expect(applied.out).toMatch(/\nnothing changed\n$/);
  expect(left).toEqual(wider);
  expect(planned.out).toContain("max_age: 14d -> 7d\n");
  expect(forced.out).toMatch(/\n0 created, 1 updated\n$/);
  expect(config).toMatchObject({ max_age: 7 * DAY, max_bytes: 2 * 1024 ** 3, subjects: ["operators.*.events.>"] });
});

test("a stream that cannot be what is declared is refused with 3, why in one line, and nothing else is made", async () => {
  await using broker = await openOwnBroker();
  await broker.jsm.streams.add({ name: "OV_EVENTS", subjects: ["operators.*.events.>"], retention: "interest" });

  const plan = await broker.nats(["plan"]);
  const applied = await broker.nats(["apply"]);
  const names = (await broker.jsm.streams.list().next()).map(({ config }) => config.name);

  expect([plan.code, applied.code]).toEqual([3, 3]);
  expect(plan.out).toMatch(/^refused {2}stream OV_EVENTS: retention is "interest", wanted "limits"; .*no server changes that.*$/m);
  expect(applied.err).toMatch(
    /^openvibe: stream OV_EVENTS is not as OpenVibe needs it: retention is "interest", wanted "limits"; [^\n]*\n$/,
  );
  expect(names).toEqual(["OV_EVENTS"]);
});

test("three copies are not made one by a forgotten --replicas", async () => {
  await using cluster = await startNatsCluster();
  const env = { NATS_URL: cluster.urls.join(",") };
  const made = await openvibe(["nats", "apply", "--replicas", "3"], { env });

  const again = await openvibe(["nats", "apply"], { env });
  const nc = await connect({ servers: [...cluster.urls] });
  const { config } = await (await jetstreamManager(nc)).streams.info("OV_ACTIVATIONS");
  await nc.close();
  const doctor = await openvibe(["nats", "doctor", "--replicas", "3"], { env });

  expect([made.code, made.err, again.code]).toEqual([0, "", 0]);
  expect(again.out).toContain("refused  stream OV_ACTIVATIONS keeps num_replicas 3, declared is 1: narrowing it takes --force\n");
  expect(config.num_replicas).toBe(3);
  expect([doctor.code, doctor.out]).toEqual([
    0,
    expect.stringMatching(/^ok {4}broker.replicas +cluster \S+ of 3 servers keeps 3 copies/m) as string,
  ]);
}, 60_000);

describe("the consumers of the operators that the store at DATABASE_URL knows", () => {
  test("are planned, made, and brought back to what is declared", async () => {
    await using broker = await openOwnBroker();
    const DATABASE_URL = await createDatabase(inject("postgresUrl"));
    await using store = await openPostgresStore({ url: DATABASE_URL });
    await store.manifests.register(manifest, "v1");

    const plan = await broker.nats(["plan"], { DATABASE_URL });
    const made = await broker.nats(["apply"], { DATABASE_URL });
    await broker.jsm.consumers.update("OV_ACTIVATIONS", "op_planned", { ack_wait: 60e9 });
    const json = await broker.nats(["plan", "--json"], { DATABASE_URL });
    const again = await broker.nats(["apply"], { DATABASE_URL });
    const { config } = await broker.jsm.consumers.info("OV_ACTIVATIONS", "op_planned");

    expect(plan.out).toContain("create   consumer op_planned\n");
    expect(made.out).toMatch(/\n6 created, 0 updated\n$/);
    expect(JSON.parse(json.out)).toMatchObject({
      update: 1,
      consumers: [
        { consumer: "op_planned", operator_id: "planned", action: "update", changes: [{ field: "ack_wait", found: 60e9, wanted: 5e9 }] },
      ],
    });
    expect(again.out).toContain("update   consumer op_planned\n         ack_wait: 1m -> 5s\n");
    expect(config.ack_wait).toBe(5e9);
  });

  test("are none where the database was never used, and nothing is made in it", async () => {
    await using broker = await openOwnBroker();
    const DATABASE_URL = await createDatabase(inject("postgresUrl"));

    const { code, out } = await broker.nats(["apply"], { DATABASE_URL });
    const client = new Client({ connectionString: DATABASE_URL });
    await client.connect();
    const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname = 'openvibe'");
    await client.end();

    expect([code, out]).toEqual([0, expect.stringMatching(/\n5 created, 0 updated\n$/) as string]);
    expect(rows).toEqual([]);
  });

  test("cannot be known where the database does not answer: 4, nothing made, no password told", async () => {
    await using broker = await openOwnBroker();

    const { code, err, out } = await broker.nats(["apply"], { DATABASE_URL: "postgres://ov:hunter2-hunter2@127.0.0.1:1/ov" });

    expect([code, err]).toEqual([4, expect.stringMatching(/^openvibe: Postgres 127\.0\.0\.1:1\/ov: .*ECONNREFUSED.*\n$/) as string]);
    expect(await broker.jsm.streams.list().next()).toEqual([]);
    expect(err + out).not.toContain("hunter2");
  });
});
