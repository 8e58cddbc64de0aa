import { expect, test } from "vitest";
import { aFinishedRun } from "../contract/examples.ts";
import { openSqliteStore } from "./store.ts";

test("a run that is deleted leaves no tags behind", async () => {
  await using store = openSqliteStore({ path: ":memory:" });
  const count = () => Number(store.database.prepare("SELECT count(*) AS n FROM run_tags").get()?.n);
  for (const runId of ["run_a", "run_b"]) {
    await aFinishedRun(store, "completed", { runId, tags: { team: "emea", tier: "1" } });
    await store.runs.markSent({ runId, sequence: 9 });
  }
  expect(count()).toBe(4);

  await expect.poll(() => store.sweep.purge({ keepMs: 0, limit: 1 })).toBe(1);

  expect(count()).toBe(2);
});
