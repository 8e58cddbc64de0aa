import type { RunStatus } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { mayGoOn, toChildWait, toInterrupt, toTold } from "./child-wait.ts";

const manifest = { kind: "each", id: "all", workflow_id: "w", concurrency: 3, max_items: 10, on_failure: "fail" } as const;
const wait = (open: number, begun: number, total: number, failFast = false) => ({
  ...{ origin: "child:x:", total, begun, failFast },
  open: Array.from({ length: open }, (_, n) => `run_${n}`),
});

describe("a parent goes on", () => {
  test.each([
    ["when its one child has completed", wait(1, 1, 1), ["completed"], true],
    ["not while it runs", wait(1, 1, 1), ["running"], false],
    ["not while it waits", wait(1, 1, 1), ["waiting"], false],
    ["when it is gone", wait(1, 1, 1), [undefined], true],
    ["when all have ended, however", wait(3, 3, 3), ["completed", "failed", "dead_lettered"], true],
    ["not when one of them has not", wait(3, 3, 3), ["completed", "cancelled", "queued"], false],
    ["at the first failure where that fails it", wait(3, 3, 3, true), ["running", "timed_out", "queued"], true],
    ["not for one that completed there", wait(3, 3, 3, true), ["running", "completed", "queued"], false],
    ["when another child may begin", wait(3, 3, 4), ["running", "completed", "running"], true],
    ["not while none may", wait(3, 3, 4), ["running", "waiting", "running"], false],
    ["of many at once not for one", wait(16, 16, 99), [...Array<RunStatus>(15).fill("running"), "completed"], false],
    ["but for an eighth of them", wait(16, 16, 99), [...Array<RunStatus>(14).fill("running"), "completed", "failed"], true],
  ] as const)("%s", (_, its, statuses, expected) => {
    expect(mayGoOn(its, (runId) => statuses[its.open.indexOf(runId)])).toBe(expected);
  });
});

test("what it waits for is kept as it was, and told without the list", () => {
  const its = wait(2, 5, 9, true);

  const interrupt = toInterrupt(manifest, "shop", its);

  expect(toChildWait(interrupt)).toEqual(its);
  expect(interrupt).toMatchObject({ kind: "child", node_id: "all", data: { operator_id: "shop", workflow_id: "w" } });
  expect(toTold(interrupt)).toEqual({ operator_id: "shop", workflow_id: "w", total: 9, ended: 3 });
  expect(toTold(toInterrupt({ ...manifest, operator_id: "b" }, "shop", wait(1, 1, 1)))).toMatchObject({
    operator_id: "b",
    child_run_id: "run_0",
  });
});
