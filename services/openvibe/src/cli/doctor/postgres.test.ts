import type { PostgresFacts } from "@openvibe/store/postgres";
import { expect, test } from "vitest";
import { judgePostgres } from "./postgres.ts";

const FACTS: PostgresFacts = {
  where: "Postgres db:5432/ov",
  version: "15.18",
  versionNumber: 150_018,
  settings: {
    synchronous_commit: "on",
    fsync: "on",
    full_page_writes: "on",
    max_connections: "100",
    superuser_reserved_connections: "3",
    server_encoding: "UTF8",
    default_transaction_read_only: "off",
  },
  standby: false,
  connections: { used: 5, allowed: 97, perProcess: 11 },
  schema: { found: 1, newest: 1, mayCreate: true },
  clock: { aheadMs: 0, uncertainMs: 1 },
  pooling: "none",
  manifests: [],
};

const { settings } = FACTS;

test("a Postgres as it should be is well in all respects", () => {
  expect(judgePostgres(FACTS).filter(({ level }) => level !== "ok")).toEqual([]);
});

test.each<[string, Partial<PostgresFacts>, string]>([
  ["too old", { version: "13.9", versionNumber: 130_009 }, "fail store.version"],
  ["a standby", { standby: true }, "fail store.writable"],
  ["read only by default", { settings: { ...settings, default_transaction_read_only: "on" } }, "fail store.writable"],
  ["commits that do not wait for the disk", { settings: { ...settings, synchronous_commit: "off" } }, "fail store.durability"],
  ["no fsync", { settings: { ...settings, fsync: "off" } }, "fail store.durability"],
  ["pages that may be torn", { settings: { ...settings, full_page_writes: "off" } }, "warn store.durability"],
  ["another encoding", { settings: { ...settings, server_encoding: "SQL_ASCII" } }, "fail store.encoding"],
  ["a pooler by transactions", { pooling: "transaction" }, "fail store.pooler"],
  ["fewer connections than one process has", { connections: { used: 0, allowed: 10, perProcess: 11 } }, "fail store.connections"],
  ["too few that are left", { connections: { used: 87, allowed: 97, perProcess: 11 } }, "warn store.connections"],
  ["a newer schema", { schema: { found: 2, newest: 1, mayCreate: true } }, "fail store.schema"],
  ["no schema and no right to make one", { schema: { found: 0, newest: 1, mayCreate: false } }, "fail store.schema"],
  ["a clock that is a little off", { clock: { aheadMs: 2_000, uncertainMs: 5 } }, "warn store.clock"],
  ["a clock that is far off", { clock: { aheadMs: -90_000, uncertainMs: 5 } }, "fail store.clock"],
])("%s", (_what, change, told) => {
  const found = judgePostgres({ ...FACTS, ...change }).filter(({ level }) => level !== "ok");

  expect(found.map(({ level, check }) => `${level} ${check}`)).toEqual([told]);
  expect(found.every(({ why = "", todo = "" }) => why !== "" && todo !== "")).toBe(true);
});

test.each<[string, Partial<PostgresFacts>]>([
  ["replicas that wait", { settings: { ...settings, synchronous_commit: "remote_apply" } }],
  ["a pooler by sessions", { pooling: "session" }],
  ["a schema that is not there yet", { schema: { found: 0, newest: 1, mayCreate: true } }],
  ["an older schema", { schema: { found: 1, newest: 2, mayCreate: false } }],
  ["a clock whose difference the way there explains", { clock: { aheadMs: 1_500, uncertainMs: 600 } }],
])("%s is no fault", (_what, change) => {
  expect(judgePostgres({ ...FACTS, ...change }).filter(({ level }) => level !== "ok")).toEqual([]);
});
