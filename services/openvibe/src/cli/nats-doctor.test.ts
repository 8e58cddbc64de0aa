/** `openvibe nats doctor` as a process, on brokers that have the fault. */
import { createDatabase } from "@openvibe/stack";
import { openPostgresStore } from "@openvibe/store/postgres";
import { expect, inject, test } from "vitest";
import { openvibe } from "../spawn-node.fixture.ts";
import { disguised } from "./disguised-nats.fixture.ts";
import { findingsOf, openOwnBroker } from "./nats-broker.fixture.ts";

const checks = (findings: readonly { level: string; check: string }[]) => findings.map(({ level, check }) => `${level} ${check}`);

test("a broker that was applied to is well: a line for each check, and 0", async () => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);

  const { code, out } = await broker.nats(["doctor"]);

  const lines = out.trimEnd().split("\n");
  expect([code, lines.at(-1)]).toEqual([0, expect.stringMatching(/^no faults, (no|1) warnings?$/) as string]);
  expect(lines.slice(0, -2).every((line) => /^(ok|warn) +broker\.\S+ +\S/.test(line))).toBe(true);
  expect(out).toContain(`nats-server is ${broker.server.version}`);
  for (const check of ["connection", "version", "login", "payload", "clock", "jetstream", "limits", "stream.OV_EVENTS"])
    expect(out).toMatch(new RegExp(`^(ok|warn) +broker\\.${check.replace(".", "\\.")} `, "m"));
});

test("what the server keeps is told against what is declared, field by field, with 1", async () => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);
  await broker.jsm.streams.update("OV_EVENTS", { max_bytes: 1024, max_msgs: 10, republish: { src: ">", dest: "x.>" } });
  await broker.jsm.streams.delete("OV_DEAD_LETTERS");

  const { code, out } = await broker.nats(["doctor"]);

  expect(code).toBe(1);
  expect(out).toMatch(
    /^fail {2}broker\.stream\.OV_EVENTS .*max_bytes is 1 KiB, wanted 2 GiB.*republish is .* To do: run openvibe nats apply/m,
  );
  expect(out).toMatch(/^fail {2}broker\.stream\.OV_EVENTS .*max_msgs is 10, wanted unlimited/m);
  expect(out).toMatch(/^fail {2}broker\.stream\.OV_DEAD_LETTERS +there is no stream OV_DEAD_LETTERS/m);
  expect(out).toMatch(/\n2 faults, (no|1) warnings?\n$/);
});

test("a queue that is nearly full is warned of", async () => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);
  await broker.jsm.streams.update("OV_ACTIVATIONS", { max_bytes: 1_000_000 });
  await broker.nc.request("operators.a.activations.main.start.run.0", new Uint8Array(900_000));

  expect(await broker.faults()).toContainEqual(
    expect.objectContaining({
      level: "warn",
      check: "broker.stream.OV_ACTIVATIONS",
      what: expect.stringMatching(/holds 87\d.* KiB of at most 976.6 KiB/),
    }),
  );
});

test("an account without JetStream is a fault, and its name is no secret but its password is", async () => {
  const extraConfig = "accounts { OV { users: [{ user: ov, password: hunter2-hunter2 }] } }";
  await using broker = await openOwnBroker({ extraConfig }, "ov:hunter2-hunter2@");

  const { code, out, err } = await broker.nats(["doctor"]);

  expect(code).toBe(1);
  expect(out).toMatch(/^fail {2}broker\.jetstream .*JetStream .*not enabled.* To do: enable it/m);
  expect(out).toMatch(/^ok {4}broker\.login +nobody gets in without a login$/m);
  expect(out + err).not.toContain("hunter2");
});

test("limits of the account that are too narrow for what is declared are faults, each by its name", async () => {
  const extraConfig = `accounts { OV { users: [{ user: ov, password: right-one }]
    jetstream: { max_store: 1GB, max_streams: 3, max_ack_pending: 100, store_max_stream_bytes: 100MB, max_bytes_required: true } } }`;
  await using broker = await openOwnBroker({ extraConfig }, "ov:right-one@");

  const told = (await broker.faults()).filter(({ check }) => check === "broker.limits").map(({ what }) => what);

  expect(told).toEqual([
    "the account's max_storage is 1 GiB, needed are 2.4 GiB",
    "the account's storage_max_stream_bytes is 100 MiB, needed are 2 GiB",
    "the account's max_streams is 3, needed are 5",
    "the account's max_ack_pending is 100, needed are 1000",
    "the account wants max_bytes on every stream",
  ]);
});

test("messages that may only be small are a fault", async () => {
  await using broker = await openOwnBroker({ extraConfig: "max_payload: 64KB" });
  await broker.nats(["apply"]);

  expect(checks(await broker.faults())).toContain("fail broker.payload");
});

test("one copy that reaches the disk two minutes late is a fault where the monitoring address tells it; with sync_interval always it is well", async () => {
  await using late = await openOwnBroker();
  await using always = await openOwnBroker({ syncAlways: true });
  await Promise.all([late.nats(["apply"]), always.nats(["apply"])]);

  const [of, well] = await Promise.all([
    late.faults(["--monitor", late.server.monitorUrl ?? ""]),
    always.faults(["--monitor", always.server.monitorUrl ?? ""]),
  ]);

  expect(of).toContainEqual(
    expect.objectContaining({ level: "fail", check: "broker.disk", what: expect.stringContaining("up to 120 s later") }),
  );
  expect(checks(well)).not.toContain("fail broker.disk");
});

test("an operator's consumer that is missing or differs is told", async () => {
  await using broker = await openOwnBroker();
  const DATABASE_URL = await createDatabase(inject("postgresUrl"));
  await using store = await openPostgresStore({ url: DATABASE_URL });
  for (const id of ["gone", "slow"]) await store.manifests.register({ id, name: id, workflows: [], answers: {} }, "v1");
  await broker.nats(["apply"], { DATABASE_URL });
  await broker.jsm.consumers.delete("OV_ACTIVATIONS", "op_gone");
  await broker.jsm.consumers.update("OV_ACTIVATIONS", "op_slow", { ack_wait: 60e9 });

  const found = (await broker.faults([], { DATABASE_URL })).filter(({ check }) => check.startsWith("broker.consumer"));

  expect(found).toEqual([
    expect.objectContaining({ level: "warn", check: "broker.consumer.op_gone" }),
    expect.objectContaining({
      level: "fail",
      check: "broker.consumer.op_slow",
      what: expect.stringContaining("ack_wait is 1m, wanted 5s"),
    }),
  ]);
});

test.each([
  ["2.9.25", "fail broker.version", 1],
  ["2.10.27", "warn broker.version", 0],
])("a server of version %s: %s", async (version, told, exitCode) => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);
  await using other = await disguised(broker.server.url, { version });

  const ended = await openvibe(["nats", "doctor", "--json"], { env: { NATS_URL: other.url } });

  expect(checks(findingsOf(ended))).toContain(told);
  expect(ended.code).toBe(exitCode);
});

test("a door without a login that other machines can reach is a warning, and so is a clock that is off", async () => {
  await using broker = await openOwnBroker();
  await broker.nats(["apply"]);
  await using outside = await disguised(broker.server.url, { clientIp: "192.0.2.7", aheadMs: 5_000 });

  const ended = await openvibe(["nats", "doctor", "--json"], { env: { NATS_URL: outside.url } });

  expect(ended.code).toBe(0);
  expect(findingsOf(ended)).toContainEqual(
    expect.objectContaining({
      level: "warn",
      check: "broker.login",
      what: expect.stringMatching(/^everybody gets in without a login into account \$G at .*, which other machines can reach$/),
    }),
  );
  expect(findingsOf(ended)).toContainEqual(
    expect.objectContaining({
      level: "warn",
      check: "broker.clock",
      what: expect.stringMatching(/^the clock of the broker is [45]\.\d+ s ahead/),
    }),
  );
});

test("a clock that is half a minute off is a fault", async () => {
  await using broker = await openOwnBroker();
  await using other = await disguised(broker.server.url, { aheadMs: -40_000 });

  expect(checks(findingsOf(await openvibe(["nats", "doctor", "--json"], { env: { NATS_URL: other.url } })))).toContain("fail broker.clock");
});

test("a broker that does not answer, or refuses the login, is a fault with its address and without the password", async () => {
  await using broker = await openOwnBroker({ extraConfig: "authorization { user: ov, password: right-one }" }, "ov:right-one@");
  const wrong = broker.server.url.replace("//", "//ov:hunter2-hunter2@");

  const refused = await openvibe(["nats", "doctor"], { env: { NATS_URL: wrong } });
  const gone = await openvibe(["nats", "doctor"], { env: { NATS_URL: "nats://ov:hunter2-hunter2@127.0.0.1:1" } });
  const half = await openvibe(["nats", "doctor"], {
    env: { NATS_URL: `${broker.server.url.replace("//", "//ov:right-one@")},127.0.0.1:1` },
  });

  expect([refused.code, refused.out]).toEqual([
    1,
    expect.stringMatching(/^fail {2}broker\.connection .*refuses the login.* To do: check user/) as string,
  ]);
  expect([gone.code, gone.out]).toEqual([
    1,
    expect.stringMatching(/^fail {2}broker\.connection +127\.0\.0\.1:1 cannot be reached/) as string,
  ]);
  expect(half.out).toMatch(/^warn {2}broker\.connection +127\.0\.0\.1:1 cannot be reached/m);
  expect([refused, gone, half].map(({ out, err }) => out + err).join()).not.toMatch(/hunter2|right-one/);
});
