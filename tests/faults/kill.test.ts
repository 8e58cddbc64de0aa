import { expect, test } from "vitest";
import { runKillTrial } from "../support/kill-trial.ts";
import type { Kind } from "../support/mesh.ts";

const RUNS = 400;
/** Most strikes go to workers: there the promises are hardest to keep. */
const KINDS: readonly Kind[] = [
  "worker",
  "gateway",
  "worker",
  "event-relay",
  "worker",
  "scheduler",
  "worker",
  "worker",
  "gateway",
  "worker",
];

test.each(["segments", "nodes"] as const)(
  "ten kills of workers, gateway, relay and scheduler at random moments under load of every kind lose nothing and repeat no finished node (%s)",
  async (form) => {
    const { verdict, asked, accepted, runs, expected } = await runKillTrial({ form, kinds: KINDS, runs: RUNS });

    expect(verdict.violations).toEqual([]);
    expect([accepted, verdict.figures.completed, runs]).toEqual([asked, asked, expected]);
  },
);
