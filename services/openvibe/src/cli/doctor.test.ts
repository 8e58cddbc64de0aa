/** `openvibe doctor` as a process, beside servers, files and ports that have the fault. */
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createDatabase, startPostgres, startRedis } from "@openvibe/stack";
import { openPostgresStore } from "@openvibe/store/postgres";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { type Ended, HELLO, openFolder, openvibe } from "../spawn-node.fixture.ts";
import { transactionPooler } from "./doctor/transaction-pooler.fixture.ts";
import { findingsOf, openOwnBroker } from "./nats-broker.fixture.ts";

const FREE = { OPENVIBE_PORT: "0" };
const faultsOf = (ended: Ended) =>
  findingsOf(ended)
    .filter(({ level }) => level !== "ok")
    .map(({ level, check }) => `${level} ${check}`);

function doctor(
  env: Readonly<Record<string, string>>,
  { args = [HELLO], cwd }: { args?: readonly string[]; cwd?: string } = {},
): Promise<Ended> {
  return openvibe(["doctor", "--json", ...args], { env: { ...FREE, ...env }, ...(cwd === undefined ? {} : { cwd }) });
}

test("an empty folder with a key is well: a line for each check, 0, and nothing is made", async () => {
  await using folder = await openFolder();

  const { code, out } = await openvibe(["doctor", HELLO], { env: { ...FREE, ANTHROPIC_API_KEY: "sk-hunter2-hunter2" }, cwd: folder.path });
  const made = await readdir(folder.path);

  expect(
    out
      .trimEnd()
      .split("\n")
      .slice(0, -2)
      .filter((line) => !/^(ok|warn) +[a-z.]+ +\S/.test(line)),
  ).toEqual([]);
  for (const check of [
    "node",
    "config",
    "store.file",
    "store.schema",
    "store.disk",
    "broker",
    "llm.key",
    "operators",
    "llm.models",
    "http.port",
  ])
    expect(out).toMatch(new RegExp(`^(ok|warn) +${check} `, "m"));
  expect([code, made]).toEqual([0, []]);
  expect(out).not.toContain("hunter2");
});

test("a configuration that cannot be read is told with every variable, and nothing else is tried", async () => {
  const { code, out } = await openvibe(["doctor"], { env: { OPENVIBE_BUS: "natss", OPENVIBE_PORTT: "hunter2-hunter2" } });

  expect(code).toBe(1);
  expect(out).toMatch(/^fail {2}config +OPENVIBE_PORTT is no variable.*OPENVIBE_BUS must be .* To do: correct these settings$/m);
  expect(out).not.toContain("hunter2");
});

test("a configuration file is read as serve reads it, and told where it is wrong", async () => {
  await using folder = await openFolder();
  await writeFile(join(folder.path, "openvibe.config.yaml"), "bus: natss\n");

  const { code, out } = await openvibe(["doctor"], { cwd: folder.path });

  expect([code, out]).toEqual([1, expect.stringMatching(/^fail {2}config .*openvibe\.config\.yaml/m) as string]);
});

describe("Postgres", () => {
  test("as it should be, with a store that was used, is well", async () => {
    const DATABASE_URL = await createDatabase(inject("postgresUrl"));
    await (await openPostgresStore({ url: DATABASE_URL }))[Symbol.asyncDispose]();

    const ended = await doctor({ DATABASE_URL });

    expect(findingsOf(ended)).toContainEqual({
      check: "store.schema",
      level: "ok",
      what: expect.stringMatching(/^the schema has version \d+$/) as string,
    });
    expect(faultsOf(ended).filter((told) => told.startsWith("fail"))).toEqual([]);
    expect(ended.code).toBe(0);
  });

  test("that loses what it acknowledged, has few connections, and holds a newer schema, has four faults", async () => {
    const settings = { synchronous_commit: "off", fsync: "off", max_connections: "12" };
    await using server = await startPostgres({ settings });
    const DATABASE_URL = await server.createDatabase();
    await (await openPostgresStore({ url: DATABASE_URL, poolSize: 2 }))[Symbol.asyncDispose]();
    const client = new Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query("UPDATE openvibe.schema_version SET version = 99");
    await client.end();

    const ended = await doctor({ DATABASE_URL });

    expect(ended.code).toBe(1);
    expect(faultsOf(ended).filter((told) => told.startsWith("fail"))).toEqual([
      "fail store.durability",
      "fail store.durability",
      "fail store.connections",
      "fail store.schema",
    ]);
    expect(ended.out).toMatch(/synchronous_commit is off.*fsync is off.*schema has version 99, this OpenVibe knows up to \d/);
  });

  test("behind a pooler that changes connections between transactions has a fault", async () => {
    await using pooler = await transactionPooler(await createDatabase(inject("postgresUrl")));

    const ended = await doctor({ DATABASE_URL: pooler.url });

    expect(faultsOf(ended)).toContain("fail store.pooler");
    expect(ended.code).toBe(1);
  });

  test("where this user may make no schema and only read has two faults", async () => {
    await using server = await startPostgres({ own: true });
    const DATABASE_URL = await server.createDatabase();
    const client = new Client({ connectionString: DATABASE_URL });
    await client.connect();
    await client.query("CREATE ROLE reader LOGIN PASSWORD 'hunter2-hunter2'");
    await client.query("ALTER ROLE reader SET default_transaction_read_only = on");
    await client.end();

    const ended = await doctor({ DATABASE_URL: DATABASE_URL.replace("//postgres@", "//reader:hunter2-hunter2@") });

    expect(faultsOf(ended).filter((told) => told.startsWith("fail"))).toEqual(["fail store.writable", "fail store.schema"]);
    expect(ended.out + ended.err).not.toContain("hunter2");
  });

  test("that does not answer is a fault, without the password", async () => {
    const ended = await doctor({ DATABASE_URL: "postgres://ov:hunter2-hunter2@127.0.0.1:1/ov" });

    expect(findingsOf(ended)).toContainEqual(
      expect.objectContaining({
        level: "fail",
        check: "store.connection",
        what: expect.stringMatching(/^Postgres 127\.0\.0\.1:1\/ov: .*ECONNREFUSED/),
      }),
    );
    expect(ended.code).toBe(1);
    expect(ended.out + ended.err).not.toContain("hunter2");
  });
});

describe("a SQLite file", () => {
  test("that another process holds is a fault", async () => {
    await using folder = await openFolder();
    const path = join(folder.path, "held.db");
    await using _held = openSqliteStore({ path });

    const ended = await doctor({ OPENVIBE_SQLITE_PATH: path });

    expect(faultsOf(ended)).toContain("fail store.file");
    expect(ended.out).toContain("held.db is held by another process");
    expect(ended.code).toBe(1);
  });

  test.each([
    ["in a place that is no folder", "file.txt/openvibe.db"],
    ["that is no database", "file.txt"],
    ["that is a folder", "folder"],
  ])("%s is a fault", async (_what, name) => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "file.txt"), "no database at all, just a text that is long enough to be read as a header of one");
    await mkdir(join(folder.path, "folder"));

    const ended = await doctor({ OPENVIBE_SQLITE_PATH: join(folder.path, name) });

    expect([ended.code, faultsOf(ended)[0]]).toEqual([1, "fail store.file"]);
  });

  test("of a newer OpenVibe is a fault; one that was used and let go is well, and its content stays", async () => {
    await using folder = await openFolder();
    const path = join(folder.path, "used.db");
    await using store = openSqliteStore({ path });
    await store.manifests.register({ id: "kept", name: "Kept", workflows: [], answers: {} }, "v1");
    await store[Symbol.asyncDispose]();

    const well = await doctor({ OPENVIBE_SQLITE_PATH: path }, { args: [], cwd: folder.path });
    const database = new DatabaseSync(path);
    const manifests = database.prepare("SELECT operator_id FROM manifests").all().length;
    database.exec("PRAGMA user_version = 99");
    database.close();
    const newer = await doctor({ OPENVIBE_SQLITE_PATH: path });

    expect(well.code).toBe(0);
    expect(well.out).toContain("the store knows kept");
    expect(manifests).toBe(1);
    expect([newer.code, faultsOf(newer)]).toEqual([1, expect.arrayContaining(["fail store.schema"]) as string[]]);
  });
});

test("the broker's faults are among them, with the consumers of the operators that the store knows", async () => {
  await using broker = await openOwnBroker();
  const DATABASE_URL = await createDatabase(inject("postgresUrl"));
  await using store = await openPostgresStore({ url: DATABASE_URL });
  await store.manifests.register({ id: "known", name: "Known", workflows: [], answers: {} }, "v1");
  await broker.nats(["apply"]);
  await broker.jsm.streams.delete("OV_EVENTS");

  const ended = await doctor({ DATABASE_URL, NATS_URL: broker.server.url });

  expect(ended.code).toBe(1);
  expect(faultsOf(ended)).toEqual(expect.arrayContaining(["fail broker.stream.OV_EVENTS", "warn broker.consumer.op_known"]));
});

describe("Redis", () => {
  const brokerOf = (ended: Ended) =>
    findingsOf(ended)
      .filter(({ check }) => check.startsWith("broker."))
      .map(({ level, check }) => `${level} ${check}`);

  test("with its append-only file on the disk is well", async () => {
    await using server = await startRedis({ settings: { appendfsync: "always" } });

    const ended = await doctor({ OPENVIBE_STORE: "memory", REDIS_URL: server.url });

    expect(brokerOf(ended)).toEqual(["ok broker.connection", "ok broker.version", "ok broker.mode", "ok broker.disk", "ok broker.memory"]);
    expect(ended.code).toBe(0);
  });

  test("that keeps nothing, and drops keys when it is full, has two faults", async () => {
    await using server = await startRedis({ settings: { appendonly: "no", "maxmemory-policy": "allkeys-lru" } });

    const ended = await doctor({ OPENVIBE_STORE: "memory", REDIS_URL: server.url });

    expect(brokerOf(ended).filter((told) => told.startsWith("fail"))).toEqual(["fail broker.disk", "fail broker.memory"]);
    expect(ended.code).toBe(1);
  });

  test("that writes every second, and is nearly full, is told of", async () => {
    await using server = await startRedis({ settings: { maxmemory: "1000000" } });

    const ended = await doctor({ OPENVIBE_STORE: "memory", REDIS_URL: server.url });

    expect(brokerOf(ended).filter((told) => told.startsWith("warn"))).toEqual(["warn broker.disk", "warn broker.memory"]);
    expect(ended.code).toBe(0);
  });

  test("that does not answer, or refuses the login, is a fault, without the password", async () => {
    await using server = await startRedis({ own: true });
    const url = server.url.replace("//", "//ov:hunter2-hunter2@");

    const [refused, gone] = await Promise.all(
      [url, "redis://ov:hunter2-hunter2@127.0.0.1:1"].map((REDIS_URL) => doctor({ OPENVIBE_STORE: "memory", REDIS_URL })),
    );

    expect(brokerOf(refused as Ended)).toEqual(["fail broker.connection"]);
    expect(refused?.out).toMatch(/refuses the login/);
    expect(gone?.out).toMatch(/127\.0\.0\.1:1 cannot be reached/);
    for (const { out, err } of [refused as Ended, gone as Ended]) expect(out + err).not.toContain("hunter2");
  });
});

test("an address that is taken is a fault", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;

  const ended = await doctor({ OPENVIBE_STORE: "memory", OPENVIBE_PORT: String(port) });
  const ops = await doctor({ OPENVIBE_STORE: "memory", OPENVIBE_OPS_PORT: String(port) });
  taken.close();

  expect([ended.code, faultsOf(ended).filter((told) => told.startsWith("fail"))]).toEqual([1, ["fail http.port"]]);
  expect([ops.code, faultsOf(ops).filter((told) => told.startsWith("fail"))]).toEqual([1, ["fail http.ops_port"]]);
  expect(ended.out).toContain(`127.0.0.1:${port} is taken by another process`);
});

describe("operators", () => {
  const step = { kind: "llm", id: "ask", max_tokens: 10, attempts: 1, outputs: ["text"], reply: "text" };
  const workflow = { id: "flow", triggers: [], input_schema: {}, state_fields: ["text"] };
  const manifest = (model: string) => ({
    id: "aged",
    name: "Aged",
    workflows: [{ ...workflow, steps: [{ ...step, model }] }],
    answers: {},
  });
  const text = (model: string) => `setInterval(() => {}, 1_000); // what a file opens when it is loaded holds nobody up
    export default { manifest: ${JSON.stringify(manifest(model))}, workflows: new Map() };`;

  test.each([
    ["claude-sonnet-4-5-20250929", /^(warn|fail) llm\.models$/, /claude-sonnet-4-5-20250929 retire[sd] on 2026-11-30.*aged\.flow\.ask/],
    ["claude-nonsense-9", /^warn llm\.models$/, /claude-nonsense-9 is not among those that are known.*aged\.flow\.ask/],
  ])("that use %s are told of it", async (model, told, says) => {
    await using folder = await openFolder();
    const file = join(folder.path, "aged.ts");
    await writeFile(file, text(model));

    const ended = await doctor({ OPENVIBE_STORE: "memory", ANTHROPIC_API_KEY: "sk-hunter2-hunter2" }, { args: [file] });

    expect(faultsOf(ended)).toContainEqual(expect.stringMatching(told));
    expect(ended.out).toMatch(says);
    expect(ended.out).not.toContain("hunter2");
  });

  test("that cannot be loaded are a fault", async () => {
    await using folder = await openFolder();
    const file = join(folder.path, "broken.ts");
    await writeFile(file, "throw new Error('CRM_URL is not set');");

    const ended = await doctor({ OPENVIBE_STORE: "memory" }, { args: [file] });

    expect([ended.code, faultsOf(ended)]).toEqual([1, expect.arrayContaining(["fail operators"]) as string[]]);
    expect(ended.out).toContain("CRM_URL is not set");
  });
});
