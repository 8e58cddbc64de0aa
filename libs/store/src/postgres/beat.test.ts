import { spawn } from "node:child_process";
import { once } from "node:events";
import { newToken, silentLogger } from "@openvibe/core";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ME } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");
const schema = `test_${newToken()}`;
const client = new Client({ connectionString: url });
beforeAll(async () => client.connect());
afterAll(async () => client.end());

const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
async function rowOf(owner: string): Promise<{ age: number; steady_since: number } | undefined> {
  const { rows } = await client.query(
    `SELECT (${NOW} - beat_at)::int AS age, steady_since::float8 AS steady_since FROM "${schema}".workers WHERE owner = $1`,
    [owner],
  );
  return rows[0];
}

/** Keeps this thread from doing anything else. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("the beat", () => {
  test("goes on while the main thread is blocked", async () => {
    await using store = await openPostgresStore({ url, schema });
    await using _beat = await store.workers.beat({ owner: ME, logger: silentLogger });
    const before = await rowOf(ME);

    block(3_500);

    const after = await rowOf(ME);
    expect(after?.age).toBeLessThan(2_000);
    expect(after?.steady_since).toBe(before?.steady_since); // no gap above 2 s
  });

  test("counts as steady anew after a gap, and comes back after its row is gone", async () => {
    await using store = await openPostgresStore({ url, schema });
    await using _beat = await store.workers.beat({ owner: "gap", logger: silentLogger });
    const before = (await rowOf("gap"))?.steady_since ?? 0;

    await client.query(`UPDATE "${schema}".workers SET beat_at = beat_at - 10000, steady_since = steady_since - 20000 WHERE owner = 'gap'`);
    await expect.poll(async () => (await rowOf("gap"))?.steady_since, { timeout: 5_000 }).toBeGreaterThan(before);
    await client.query(`DELETE FROM "${schema}".workers WHERE owner = 'gap'`);
    await expect.poll(() => rowOf("gap"), { timeout: 5_000 }).toBeDefined();
  });

  test("has its own connection, and makes a new one when that is ended", async () => {
    const mine = `${url}?application_name=beat_${newToken()}`;
    await using store = await openPostgresStore({ url: mine, schema });
    const errors: string[] = [];
    const logger = { ...silentLogger, error: (_: object, message: string) => void errors.push(message) };
    await using _beat = await store.workers.beat({ owner: "torn", logger });
    const name = new URL(mine).searchParams.get("application_name");
    const ended = await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [name]);
    expect(ended.rowCount).toBeGreaterThan(0);
    await client.query(`DELETE FROM "${schema}".workers WHERE owner = 'torn'`);

    await expect.poll(() => rowOf("torn"), { timeout: 5_000 }).toBeDefined();
    expect(errors).toEqual([]); // the thread went on, it was not begun again
  });

  test("ends with its row", async () => {
    await using store = await openPostgresStore({ url, schema });
    const beat = await store.workers.beat({ owner: "leaving", logger: silentLogger });

    await beat[Symbol.asyncDispose]();

    expect(await rowOf("leaving")).toBeUndefined();
  });

  const CHILD = `
    const { openPostgresStore } = await import(process.argv[1]);
    const store = await openPostgresStore({ url: process.argv[2], schema: process.argv[3] });
    const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
    await store.workers.beat({ owner: "blocked", logger, maxBlockedMs: 800 });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    process.stdout.write("lived");
    for (;;);`;

  test("ends a process whose main thread stands still for too long, and not sooner", async () => {
    await using _store = await openPostgresStore({ url, schema });
    const entry = new URL("./index.ts", import.meta.url).href;
    const child = spawn(process.execPath, ["-C", "openvibe-source", "--input-type=module", "-e", CHILD, entry, url, schema]);
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });

    const [, signal] = await once(child, "exit");

    expect({ out, signal }).toEqual({ out: "lived", signal: "SIGKILL" });
    expect(err).toMatch(/^openvibe: blocked: the main thread stood still for \d+ ms, ending the process\n$/);
  });
});
