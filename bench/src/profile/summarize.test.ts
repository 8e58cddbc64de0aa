import { expect, test } from "vitest";
import { type CpuProfile, packageOf, summarize } from "./summarize.ts";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 0 });
const STORE = "file:///home/me/openvibe/libs/store/src/sql/write.ts";
const PG = "file:///home/me/openvibe/node_modules/.pnpm/pg@8.23.1/node_modules/pg/lib/client.js";

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 6] },
    { id: 2, callFrame: frame("(idle)") },
    { id: 3, callFrame: frame("write", STORE), children: [4] },
    { id: 4, callFrame: frame("query", PG), children: [5] },
    { id: 5, callFrame: frame("writev") },
    { id: 6, callFrame: frame("(garbage collector)") },
  ],
  // Times of the samples: 1000 to 1100 idle, then write, query, writev, garbage collection; the last one lies outside.
  samples: [2, 3, 4, 5, 6, 6],
  timeDeltas: [100, 10, 20, 30, 40, 1_000],
  startTime: 1_000,
};

test("what Node does is charged to the package that called it, what a vendor does also to ours", () => {
  const { packages, ours } = summarize(PROFILE, { from: 1_000, to: 1_250 });

  expect(packages).toEqual([
    ["pg", 0.5],
    ["(garbage collector)", 0.4],
    ["libs/store", 0.1],
  ]);
  expect(ours).toEqual([
    ["libs/store", 0.6],
    ["(garbage collector)", 0.4],
  ]);
});

test("functions are told alone and with what they call, idling and what lies outside left out", () => {
  const { functions, inclusive } = summarize(PROFILE, { from: 1_000, to: 1_250 });

  expect(functions.map(([title, share]) => [title.split(" ")[0], share])).toEqual([
    ["(garbage", 0.4],
    ["writev", 0.3],
    ["query", 0.2],
    ["write", 0.1],
  ]);
  expect(inclusive[0]).toEqual(["write libs/store: src/sql/write.ts:1", 0.6]);
});

test.each([
  [PG, "pg"],
  ["file:///a/node_modules/.pnpm/x/node_modules/@nats-io/nats-core/lib/nats.js", "@nats-io/nats-core"],
  ["node:internal/streams/writable", "node:internal/streams"],
  ["file:///a/services/gateway/src/routes/runs.ts", "services/gateway"],
  ["", "(native)"],
])("%s belongs to %s", (url, name) => {
  expect(packageOf({ callFrame: frame("f", url) })).toBe(name);
});
