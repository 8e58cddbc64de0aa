import { expect, test } from "vitest";
import { UnknownRuns } from "./unknown-runs.ts";

test("a run is met once, and then again", () => {
  const unknown = new UnknownRuns({ now: () => 0 }, 1_000);

  expect(["a", "b", "a", "a", "b"].map((runId) => unknown.meet(runId))).toEqual(["first", "first", "again", "first", "again"]);
});

test("what nobody meets again is forgotten, however much there is of it", () => {
  const clock = { ms: 0, now: () => clock.ms };
  const unknown = new UnknownRuns(clock, 1_000);

  for (; clock.ms < 60_000; clock.ms += 10) unknown.meet(`run ${clock.ms}`);

  expect(unknown.size).toBeLessThanOrEqual(101);
  expect(unknown.meet("run 59990")).toBe("again");
  expect(unknown.meet("run 100")).toBe("first");
});
