import { expect, test } from "vitest";
import { runKillTrial } from "../support/kill-trial.ts";
import { startRedisMesh } from "../support/mesh.ts";

const RUNS = 60;

test("over Redis, kills of workers and gateway under load lose nothing and repeat no finished node", async () => {
  const { verdict, asked, accepted, runs, expected } = await runKillTrial({
    form: "segments",
    kinds: ["worker", "gateway", "worker"],
    runs: RUNS,
    start: startRedisMesh,
  });

  expect(verdict.violations).toEqual([]);
  expect([accepted, verdict.figures.completed, runs]).toEqual([asked, asked, expected]);
});
