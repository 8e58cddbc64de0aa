import { expect, test } from "vitest";
import { parseStat, subtree } from "./processes.ts";

test("a line of /proc/<pid>/stat is read, also when the process is named to confuse", () => {
  const line = "4242 (a) b (c)) S 17 4242 4242 0 -1 4194560 100 200 0 0 12 34 56 78 20 0 11 0 999";

  expect(parseStat(line)).toEqual({ pid: 4242, name: "a) b (c)", parent: 17, cpuMs: 460, endedChildrenMs: 1_340 });
});

test("a subtree is a process with its children and theirs", () => {
  const parents = { 1: 0, 2: 1, 3: 2, 4: 3, 5: 1, 6: 5 };
  const rows = new Map(Object.entries(parents).map(([pid, parent]) => [Number(pid), { parent }]));

  expect([...subtree(rows, 2)]).toEqual([2, 3, 4]);
});
