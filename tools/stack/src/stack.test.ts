import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { freePorts } from "./free-port.ts";
import { createDatabase, dropDatabase, freePort, type NatsServer, startNats, startNatsCluster, startPostgres } from "./index.ts";
import { findProcess } from "./process-identity.ts";

// The first start on a machine may build nats-server.
describe("a nats-server", { timeout: 300_000 }, () => {
  test("accepts clients and answers for JetStream once it is started", async () => {
    await using server = await startNats({ own: true });

    expect(server.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(await ask(server.url, "$JS.API.INFO")).toMatchObject({ type: "io.nats.jetstream.api.v1.account_info_response" });
  });

  test("has its port, its store folder and a stored message again after kill and start", async () => {
    await using server = await startNats({ own: true, syncAlways: true });
    const { url, pid } = server;
    const folder = await storeFolder(server);
    await ask(url, "$JS.API.STREAM.CREATE.KEPT", { name: "KEPT", subjects: ["kept"], storage: "file" });
    await ask(url, "kept", { order: 1 });

    await server.kill();
    const pidWhenKilled = server.pid;
    await server.start();

    expect(pidWhenKilled).toBeUndefined();
    expect(server.pid).not.toBe(pid);
    expect(server.url).toBe(url);
    expect(await storeFolder(server)).toBe(folder);
    expect(await ask(url, "$JS.API.STREAM.INFO.KEPT")).toMatchObject({ state: { messages: 1 } });
  });

  test("comes back after an orderly stop, and a second kill or start changes nothing", async () => {
    await using server = await startNats({ own: true });

    await server.stop();
    await server.kill();
    await server.start();
    const { pid } = server;
    await server.start();

    expect(server.pid).toBe(pid);
    expect(await ask(server.url, "$JS.API.INFO")).not.toHaveProperty("error");
  });

  test("takes its settings", async () => {
    await using server = await startNats({ syncAlways: true, extraConfig: "max_payload: 2MB" });

    expect(await varz(server)).toMatchObject({ max_payload: 2 << 20, jetstream: { config: { sync_always: true } } });
  });

  test("leaves no process and no folder when it is disposed, twice is fine", async () => {
    const server = await startNats({ own: true });
    const pid = server.pid ?? 0;
    const folder = await storeFolder(server);

    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();

    expect(findProcess(pid)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });

  test("that cannot start says why", async () => {
    await expect(startNats({ extraConfig: "no_such_field: 1" })).rejects.toThrow(/nats-server ended while starting: .*no_such_field/);
  });

  test("given by the environment is used as it is and cannot be killed", async () => {
    await using other = await startNats({ own: true });
    using _ = withVariable("OPENVIBE_TEST_NATS_URL", other.url);

    await using given = await startNats();
    await using own = await startNats({ own: true });

    expect(given).toMatchObject({ url: other.url, pid: undefined, version: other.version, foundBy: "environment" });
    expect(own.url).not.toBe(other.url);
    await expect(given.kill()).rejects.toThrow("not ours");
  });

  test("given by the environment that does not answer is named, not passed over", async () => {
    using _ = withVariable("OPENVIBE_TEST_NATS_URL", `nats://127.0.0.1:${await freePort()}`);

    await expect(startNats()).rejects.toThrow("OPENVIBE_TEST_NATS_URL names a server that does not answer: connect ECONNREFUSED");
  });

  // process.exit() leaves what is open, SIGKILL leaves no time for anything.
  test.each(["exit", "SIGINT", "SIGTERM", "SIGKILL"] as const)("ends with the process that started it: %s", async (end) => {
    const owner = spawn(process.execPath, ["-C", "openvibe-source", "--input-type=module", "-e", OWNER], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [line] = await once(createInterface(owner.stdout), "line");
    const { pid, monitorUrl } = JSON.parse(line) as NatsServer & { pid: number };
    const folder = await storeFolder({ monitorUrl });

    if (end === "exit") owner.stdin.end();
    else owner.kill(end);
    await once(owner, "exit");

    await expect.poll(() => findProcess(pid), { timeout: 10_000 }).toBeUndefined();
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
  });
});

const OWNER = `
  import { startNats } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
  const { pid, monitorUrl } = await startNats({ own: true });
  process.stdout.write(JSON.stringify({ pid, monitorUrl }) + "\\n");
  process.stdin.on("end", () => process.exit()).resume();
`;

describe("a cluster of three", { timeout: 300_000 }, () => {
  test("keeps a replicated stream writable while one member is dead, and takes it back", async () => {
    await using cluster = await startNatsCluster();
    const [first, second, third] = cluster.servers as [NatsServer, NatsServer, NatsServer];
    const made = await ask(first.url, "$JS.API.STREAM.CREATE.KEPT", { name: "KEPT", subjects: ["kept"], storage: "file", num_replicas: 3 });

    await third.kill();
    const written = await askUntil(second.url, "kept", { order: 1 }, (answer) => "seq" in answer);
    await third.start();
    await cluster.ready();

    expect(made).not.toHaveProperty("error");
    expect(cluster.urls).toHaveLength(3);
    expect(written).toMatchObject({ stream: "KEPT", seq: 1 });
    expect(await ask(third.url, "$JS.API.STREAM.INFO.KEPT")).toMatchObject({ state: { messages: 1 } });
  });

  test("comes back when all members were killed and are started one by one", async () => {
    await using cluster = await startNatsCluster();
    await Promise.all(cluster.servers.map((server) => server.kill()));

    for (const server of cluster.servers) await server.start();
    await cluster.ready();

    for (const { url } of cluster.servers) expect(await ask(url, "$JS.API.INFO")).not.toHaveProperty("error");
  });
});

describe("a Postgres", { timeout: 120_000 }, () => {
  test("gives databases of one's own, in which one can write", async () => {
    await using server = await startPostgres({ own: true });

    const urls = await Promise.all([server.createDatabase(), server.createDatabase(), createDatabase(server.url)]);

    expect(new Set(urls).size).toBe(3);
    for (const url of urls) {
      await sql(url, "CREATE TABLE note (text text)");
      expect(await sql(url, "INSERT INTO note VALUES ('kept') RETURNING text")).toEqual([{ text: "kept" }]);
    }
  });

  test("keeps what was committed over an immediate stop and over a fast one, on the same port", async () => {
    await using server = await startPostgres({ own: true });
    const { url, pid } = server;
    const database = await server.createDatabase();
    await sql(database, "CREATE TABLE note (text text)");

    await sql(database, "INSERT INTO note VALUES ('before the immediate stop')");
    await server.stopImmediate();
    const pidWhenStopped = server.pid;
    await server.start();
    await sql(database, "INSERT INTO note VALUES ('before the fast stop')");
    await server.stop();
    await server.start();

    expect(pidWhenStopped).toBeUndefined();
    expect(server.pid).not.toBe(pid);
    expect(server.url).toBe(url);
    expect(await sql(database, "SELECT count(*)::int AS count FROM note")).toEqual([{ count: 2 }]);
  });

  test("is as durable as in production unless told otherwise, and takes settings", async () => {
    await using server = await startPostgres({ settings: { application_name: "it's ours", synchronous_commit: "off" } });

    const names = [
      "fsync",
      "synchronous_commit",
      "max_connections",
      "application_name",
      "listen_addresses",
      "server_encoding",
      "lc_collate",
    ];
    const values = await Promise.all(
      names.map(async (name) => (await sql(server.url, `SELECT current_setting('${name}') AS value`))[0]?.value),
    );

    expect(values).toEqual(["on", "off", "200", "it's ours", "127.0.0.1", "UTF8", "C"]);
  });

  test("leaves no process and no folder when it is disposed", async () => {
    const server = await startPostgres({ own: true });
    const pid = server.pid ?? 0;
    const rows = await sql(server.url, "SELECT current_setting('data_directory') AS folder, array_agg(pid) AS pids FROM pg_stat_activity");
    const { folder, pids } = rows[0] as { folder: string; pids: number[] };

    await server[Symbol.asyncDispose]();

    for (const one of [pid, ...pids]) expect(findProcess(one)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });

  test("that cannot start says why", async () => {
    await expect(startPostgres({ settings: { no_such_setting: "1" } })).rejects.toThrow(/Postgres ended while starting: .*no_such_setting/);
  });

  test("given by the environment is used as it is, and loses the databases that were made in it", async () => {
    await using other = await startPostgres({ own: true });
    using _ = withVariable("OPENVIBE_TEST_DATABASE_URL", other.url);
    const given = await startPostgres();
    const database = await given.createDatabase();

    await expect(given.stopImmediate()).rejects.toThrow("not ours");
    await given[Symbol.asyncDispose]();

    expect(given).toMatchObject({ url: other.url, foundBy: "environment" });
    await expect(sql(database, "SELECT 1")).rejects.toThrow("does not exist");
    await expect(sql(other.url, "SELECT 1 AS one")).resolves.toEqual([{ one: 1 }]);
  });

  test("drops no database that it did not make", async () => {
    await expect(dropDatabase("postgres://127.0.0.1:1/postgres", "postgres://127.0.0.1:1/production")).rejects.toThrow("not dropped");
  });
});

test("free ports differ, and lie below those that kernels give to outgoing connections", async () => {
  const ports = await freePorts(20);

  expect(new Set(ports).size).toBe(20);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

type Answer = Record<string, unknown>;

/** One request over a bare socket: this package needs no NATS client but here. */
function ask(url: string, subject: string, body?: unknown): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const text = body === undefined ? "" : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) })
      .setEncoding("utf8")
      .setTimeout(5_000);
    let heard = "";
    socket.write(`CONNECT {"verbose":false}\r\nSUB answer 1\r\nPUB ${subject} answer ${Buffer.byteLength(text)}\r\n${text}\r\n`);
    socket.on("timeout", () => socket.destroy(new Error(`no answer to ${subject}`)));
    socket.on("error", reject);
    socket.on("data", (piece: string) => {
      heard += piece;
      const message = /^MSG answer 1 (\d+)\r\n(.*)\r\n/m.exec(heard);
      if (message?.[2] === undefined) return;
      socket.destroy();
      resolve(JSON.parse(message[2]));
    });
  });
}

/** Asks again until the answer will do: a stream that lost its leader answers once it has another. */
async function askUntil(url: string, subject: string, body: unknown, good: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await ask(url, subject, body).catch((): Answer => ({}));
    if (good(answer)) return answer;
    await sleep(50);
  }
}

async function varz({ monitorUrl }: Pick<NatsServer, "monitorUrl">): Promise<Answer> {
  return (await (await fetch(`${monitorUrl}/varz`)).json()) as Answer;
}

async function storeFolder(server: Pick<NatsServer, "monitorUrl">): Promise<string> {
  const { jetstream } = (await varz(server)) as { jetstream: { config: { store_dir: string } } };
  return jetstream.config.store_dir;
}

async function sql(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function withVariable(name: string, value: string): Disposable {
  const before = process.env[name];
  process.env[name] = value;
  return {
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    },
  };
}
