import type { JsonObject, StepManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { createRunTree } from "./run-tree.ts";

const node = (id: string): StepManifest => ({ kind: "node", id });
const STEPS: readonly StepManifest[] = [
  node("read"),
  { kind: "branch", id: "choose", routes: { big: [node("write"), node("tell")], small: [] } },
  node("file"),
];

/** What is seen after these events, each at its own time; then at `nowMs`. */
function shown(events: readonly (readonly [string, number, JsonObject?])[], nowMs: number): readonly string[] {
  const tree = createRunTree(STEPS);
  for (const [name, atMs, data = {}] of events) {
    const [type = "", nodeid] = name.split(" ");
    tree.see(type, nodeid === undefined ? { data } : { nodeid, data }, atMs);
  }
  return [tree.status, ...tree.lines(nowMs).map(({ mark, text }) => `${mark ?? "-"} ${text}`)];
}

describe("a run as a tree", () => {
  test("shows every step before it began, and each route below its branch", () => {
    expect(shown([], 0)).toEqual([
      "queued",
      "pending read",
      "pending choose",
      "-   big:",
      "pending     write",
      "pending     tell",
      "pending file",
    ]);
  });

  test("counts the time of the step that runs, and how often it was tried again", () => {
    const lines = shown(
      [
        ["run.started", 0],
        ["node.started read", 100],
        ["node.retrying read", 300],
        ["node.retrying read", 900],
      ],
      2_350,
    );

    expect(lines.slice(0, 2)).toEqual(["running", "running read  2.3 s, tried again 2 times"]);
  });

  test("keeps what a finished step took and used, and why one failed", () => {
    const lines = shown(
      [
        ["node.completed read", 0, { duration_ms: 12.4, tokens_in: 8, tokens_out: 5 }],
        ["node.failed choose", 0, { error: { message: "no such route" } }],
      ],
      0,
    );

    expect(lines.slice(1, 3)).toEqual(["done read  12 ms, 8 + 5 tokens", "failed choose  no such route"]);
  });

  test("says at the end which steps the run went without", () => {
    const lines = shown(
      [
        ["node.completed read", 0, { duration_ms: 1 }],
        ["node.started choose", 0],
        ["run.cancelled", 0],
      ],
      0,
    );

    expect(lines).toEqual([
      "cancelled",
      "done read  1 ms",
      "skipped choose",
      "-   big:",
      "skipped     write",
      "skipped     tell",
      "skipped file",
    ]);
  });

  test("shows what is inside a loop, and what a run waits for", () => {
    const loop: StepManifest = { kind: "loop", id: "chase", max_iterations: 3, body: [node("mail"), { kind: "wait", id: "cool_down" }] };
    const tree = createRunTree([loop]);
    tree.see("run.waiting", { nodeid: "cool_down", data: { kind: "timer", until: "2026-12-01T00:00:00.000Z" } }, 0);

    expect([tree.status, ...tree.lines(0).map(({ mark, text }) => `${mark ?? "-"} ${text}`)]).toEqual([
      "waiting",
      "pending chase",
      "-   again:",
      "pending     mail",
      "waiting     cool_down  (until 2026-12-01T00:00:00.000Z)",
    ]);
  });

  test("shows a step that was passed over, and a route that leads to another step as no more than that", () => {
    const choose: StepManifest = { kind: "branch", id: "choose", routes: { back: { goto: "mail" }, over: { end: true } } };
    const tree = createRunTree([node("mail"), choose]);
    tree.see("node.skipped", { nodeid: "mail", data: { kind: "node" } }, 0);

    expect(tree.lines(0).map(({ mark, text }) => `${mark ?? "-"} ${text}`)).toEqual(["skipped mail", "pending choose"]);
  });

  test("shows how many of the runs that it began have ended, or which one it waits for", () => {
    const each: StepManifest = { kind: "each", id: "all", workflow_id: "look", concurrency: 3, max_items: 9, on_failure: "fail" };
    const tree = createRunTree([each, { kind: "run", id: "one", workflow_id: "look", on_failure: "fail" }]);
    const of = { kind: "child", operator_id: "shop", workflow_id: "look" };
    tree.see("run.waiting", { nodeid: "all", data: { ...of, total: 9, ended: 4 } }, 0);
    tree.see("run.waiting", { nodeid: "one", data: { ...of, total: 1, ended: 0, child_run_id: "run_1" } }, 0);

    expect(tree.lines(0).map(({ mark, text }) => `${mark ?? "-"} ${text}`)).toEqual([
      "waiting all  shop.look, 4 of 9 ended",
      "waiting one  shop.look run_1",
    ]);
  });

  test("takes in a step that the operator's present version has not", () => {
    expect(shown([["node.started gone", 0]], 5).at(-1)).toBe("running gone  5 ms");
  });
});
