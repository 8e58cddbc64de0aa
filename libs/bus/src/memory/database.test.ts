/** What only the memory bus promises: about the database that it was handed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { anEvent, first, thrownBy } from "../contract/support.ts";
import { openMemoryBus } from "./bus.ts";

const never = new AbortController().signal;

test("what one turn appends is one transaction", async () => {
  using database = new DatabaseSync(":memory:");
  await using bus = openMemoryBus({ database });
  const statements: string[] = [];
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    statements.push(sql);
    exec(sql);
  };

  await Promise.all(Array.from({ length: 50 }, (_, sequence) => bus.log.append(anEvent({ sequence }))));

  expect(statements).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
});

test("a refused repeat takes no position", async () => {
  using database = new DatabaseSync(":memory:");
  await using bus = openMemoryBus({ database });
  const end = anEvent({ type: "run.completed" });

  await Promise.all([end, end, end, anEvent()].map((event) => bus.log.append(event)));

  expect(await bus.log.bounds()).toEqual({ first: 1, last: 2 });
});

test("an empty log begins at 1", async () => {
  using database = new DatabaseSync(":memory:");
  await using bus = openMemoryBus({ database });

  expect(await bus.log.bounds()).toEqual({ first: 1, last: 0 });
});

test("events older than seven days are dropped, and their positions are not used again", async () => {
  using database = new DatabaseSync(":memory:");
  let now = Date.parse("2026-11-22T10:00:00Z");
  const clock = { now: () => now };
  {
    await using bus = openMemoryBus({ database, clock });
    await Promise.all([bus.log.append(anEvent()), bus.log.append(anEvent())]);
    now += 8 * 86_400_000;
  }

  await using bus = openMemoryBus({ database, clock });
  const afterPurge = await bus.log.bounds();
  await bus.log.append(anEvent());

  expect(afterPurge).toEqual({ first: 3, last: 2 });
  expect(await bus.log.bounds()).toEqual({ first: 3, last: 3 });
});

test("an open transaction of the connection's owner is joined, not broken", async () => {
  using database = new DatabaseSync(":memory:");
  await using bus = openMemoryBus({ database });
  const event = anEvent();

  database.exec("BEGIN");
  const answer = bus.log.append(event);
  const inside = await bus.log.lastOf(event.runId ?? "");
  database.exec("ROLLBACK");

  expect(await answer).toBe("stored");
  expect(inside?.event).toEqual(event);
  expect(await bus.log.lastOf(event.runId ?? "")).toBeUndefined();
});

test("the owner's tables and pragmas stay as they are, and the bus closes nothing", async () => {
  using database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE mine (a INTEGER)");
  const pragmas = () => ["foreign_keys", "synchronous", "journal_mode"].map((name) => database.prepare(`PRAGMA ${name}`).get());
  const before = pragmas();
  const bus = openMemoryBus({ database });
  await bus.log.append(anEvent());

  await bus[Symbol.asyncDispose]();

  expect(pragmas()).toEqual(before);
  expect(database.prepare("SELECT count(*) AS n FROM mine").get()).toEqual({ n: 0 });
});

test("a database that fails is OV_BUS_UNAVAILABLE, one that is full OV_BUS_FULL", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const database = new DatabaseSync(join(folder, "bus.db"));
  await using bus = openMemoryBus({ database });
  database.exec("PRAGMA max_page_count = 40");
  const large = { text: "x".repeat(100_000) };

  const full = await thrownBy(async () => {
    for (let i = 0; i < 10; i++) await bus.log.append(anEvent({ data: large }));
  });
  const stillWorks = await bus.log.append(anEvent());
  database.close();
  const gone = await thrownBy(() => bus.log.append(anEvent()));
  rmSync(folder, { recursive: true });

  expect(full).toMatchObject({ code: "OV_BUS_FULL" });
  expect(stillWorks).toBe("stored");
  expect(gone).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
});

test("a restart on the same file finds log and buckets as they were", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const file = join(folder, "bus.db");
  const event = anEvent();
  {
    using database = new DatabaseSync(file);
    await using bus = openMemoryBus({ database });
    void bus.log.append(event); // not awaited: disposing stores what was said
    await bus.buckets.bucket("context-leads", { ttlMs: 60_000 }).put("acme", 1);
  }

  using database = new DatabaseSync(file);
  await using bus = openMemoryBus({ database });
  const read = await Array.fromAsync(bus.log.read(0, {}, never));
  const entry = await bus.buckets.bucket("context-leads").get("acme");
  rmSync(folder, { recursive: true });

  expect(read).toEqual([{ position: 1, event }]);
  expect(entry).toMatchObject({ value: 1, revision: 1 });
});

test("a database from before changes told who wrote them, and buckets had an epoch, gets what it lacks and keeps what it has", async () => {
  using database = new DatabaseSync(":memory:");
  {
    await using old = openMemoryBus({ database });
    await old.buckets.bucket("context-a").put("key", "old");
  }
  database.exec("ALTER TABLE bus_changes DROP COLUMN written_by; ALTER TABLE bus_buckets DROP COLUMN epoch");
  await using bus = openMemoryBus({ database });
  const bucket = bus.buckets.bucket("context-a");

  await bucket.put("key", "new", { writtenBy: "run_1" });

  const changes = await first(bucket.watch(never, { revision: 0 }), 2);
  expect(changes).toMatchObject([{ entry: { value: "old" } }, { entry: { value: "new" }, writtenBy: "run_1" }]);
  expect(changes[0]).not.toHaveProperty("writtenBy");
  expect(changes[0]?.epoch).toMatch(/^[a-z0-9]{16}$/);
  expect(changes[1]?.epoch).toBe(changes[0]?.epoch);
});
