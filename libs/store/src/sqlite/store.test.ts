import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger } from "@openvibe/core";
import { afterAll, describe, expect, test } from "vitest";
import { A_RECORD, aClaimedRun, aNewRun, aWrite } from "../contract/examples.ts";
import { storeContract } from "../contract/index.ts";
import type { StoreUnderTest } from "../contract/under-test.ts";
import { versionOne } from "../contract/version-one.ts";
import { openSqliteStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "openvibe-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}`, "store.db");

class SqliteUnderTest implements StoreUnderTest {
  readonly path: string;
  readonly store: ReturnType<typeof openSqliteStore>;
  #offsetMs = 0;

  constructor(path: string) {
    this.path = path;
    this.store = openSqliteStore({ path, clock: { now: () => Date.now() + this.#offsetMs } });
  }

  async advance(ms: number) {
    this.#offsetMs += ms;
  }

  async versions(operatorId: string) {
    const rows = this.store.database.prepare("SELECT version FROM manifests WHERE operator_id = ? ORDER BY version").all(operatorId);
    return rows.map(({ version }) => String(version));
  }

  async charactersOf(runId: string) {
    const row = this.store.database.prepare("SELECT * FROM runs WHERE run_id = ?").get(runId) ?? {};
    return Object.values(row).join("").length;
  }

  async live(owner: string) {
    await this.store.workers.beat({ owner, logger: silentLogger });
  }

  async die() {}

  async [Symbol.asyncDispose]() {
    await this.store[Symbol.asyncDispose]();
  }
}

storeContract({ name: "sqlite in memory", features: { shared: false, durable: false }, open: async () => new SqliteUnderTest(":memory:") });
storeContract({
  name: "sqlite in a file",
  features: { shared: false, durable: true },
  open: async () => new SqliteUnderTest(freshPath()),
  openSecond: async (first) => new SqliteUnderTest((first as SqliteUnderTest).path),
});

test("sqlite keeps a step and its history both or neither", async () => {
  await using under = new SqliteUnderTest(":memory:");
  const { runs, history } = under.store;
  const [broken, fine] = [await aClaimedRun(under.store), await aClaimedRun(under.store)];
  under.store.database.exec(`CREATE TRIGGER refuse BEFORE INSERT ON steps WHEN NEW.run_id = '${broken.run.runId}'
    BEGIN SELECT RAISE(ABORT, 'no room'); END`);

  const answers = await Promise.allSettled([broken, fine].map((claimed) => runs.write(aWrite(claimed, { history: [A_RECORD] }))));

  expect(answers).toMatchObject([{ status: "rejected" }, { status: "fulfilled", value: "committed" }]);
  expect([(await runs.find(broken.run.runId))?.step, (await runs.find(fine.run.runId))?.step]).toEqual([0, 1]);
  expect((await history.of(broken.run.runId)).records).toEqual([]);
  expect((await history.of(fine.run.runId)).records).toEqual([A_RECORD]);
});

describe("a sqlite file", () => {
  const HOLD = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(process.argv[1]);
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT");
    process.stdout.write("held");
    setInterval(() => {}, 1000);`;

  test("is held by one store: another opener of this process gets one clear line", async () => {
    const path = freshPath();
    await using _first = openSqliteStore({ path });

    expect(() => openSqliteStore({ path })).toThrow(
      expect.objectContaining({ code: "OV_STORE_IN_USE", message: expect.stringMatching(/^[^\n]*held by another process[^\n]*$/) }),
    );
  });

  test("is held by one process, and free again when that was killed", async () => {
    const path = freshPath();
    await openSqliteStore({ path })[Symbol.asyncDispose]();
    const holder = spawn(process.execPath, ["-e", HOLD, path], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");

    expect(() => openSqliteStore({ path })).toThrow(expect.objectContaining({ code: "OV_STORE_IN_USE" }));
    holder.kill("SIGKILL");
    await once(holder, "exit");

    await using store = openSqliteStore({ path });
    expect((await store.runs.insert(aNewRun())).inserted).toBe(true);
  });

  test("of a newer program is refused, and left as it is", async () => {
    const path = freshPath();
    await openSqliteStore({ path })[Symbol.asyncDispose]();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 999");
    newer.close();

    expect(() => openSqliteStore({ path })).toThrow(expect.objectContaining({ code: "OV_STORE_SCHEMA" }));
    const left = new DatabaseSync(path);
    expect(left.prepare("PRAGMA user_version").get()).toEqual({ user_version: 999 });
    left.close();
  });

  test("of the first version is brought up to date, with its runs", async () => {
    const path = freshPath();
    mkdirSync(dirname(path), { recursive: true });
    const old = new DatabaseSync(path);
    const ddl = { table: (name: string) => name, id: "text", time: "integer", changing: "STRICT", calm: "STRICT", givenFirst: false };
    for (const statement of versionOne(ddl)) old.exec(statement);
    old.exec("PRAGMA user_version = 1");
    old.close();

    await using store = openSqliteStore({ path });
    await store.runs.insert(aNewRun());

    expect(await store.runs.list({ statuses: ["failed"] }, { limit: 5 })).toMatchObject([
      { runId: "run_old", input: { n: 1 }, deadline: null },
    ]);
    expect(await store.runs.list({ operatorId: "revenue_ops" }, { limit: 5 })).toHaveLength(2);
    expect(await store.runs.list({ tags: [["team", "emea"]] }, { limit: 5 })).toHaveLength(1);
  });

  test("that is no database, or cannot be made, says which", () => {
    const path = join(folder, "text.db");
    writeFileSync(path, "this is no database, although it is long enough to be taken for one".repeat(20));

    expect(() => openSqliteStore({ path })).toThrow(
      expect.objectContaining({ code: "OV_STORE_SCHEMA", message: expect.stringContaining(path) }),
    );
    expect(() => openSqliteStore({ path: join(path, "below.db") })).toThrow(expect.objectContaining({ code: "OV_STORE_UNAVAILABLE" }));
  });

  test("shares its connection: no transaction is open between the calls of a turn and the next turn", async () => {
    await using store = openSqliteStore({ path: ":memory:" });
    store.database.exec("CREATE TABLE bus_probe (n integer)");
    const asked = Promise.all(Array.from({ length: 600 }, () => store.runs.insert(aNewRun())));
    const seen: boolean[] = [];
    const timer = setInterval(() => {
      seen.push(store.database.isTransaction);
      store.database.exec("BEGIN; INSERT INTO bus_probe VALUES (1); COMMIT");
    }, 0);

    await asked;
    clearInterval(timer);

    expect(seen).not.toContain(true);
    expect(store.database.isTransaction).toBe(false);
  });
});
