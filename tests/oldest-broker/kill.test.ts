/** Runs with `pnpm test:oldest-broker` only. */
import { expect, test } from "vitest";
import { runKillTrial } from "../support/kill-trial.ts";

const RUNS = 100;

test("on the oldest broker that is allowed, kills of workers and gateway under load lose nothing and repeat no finished node", async () => {
  const trial = await runKillTrial({ form: "segments", kinds: ["worker", "gateway", "worker"], runs: RUNS });

  expect(trial.brokerVersion).toBe(process.env.OPENVIBE_TEST_NATS_VERSION);
  expect(trial.verdict.violations).toEqual([]);
  expect([trial.accepted, trial.runs]).toEqual([trial.asked, trial.expected]);
});
