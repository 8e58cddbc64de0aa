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

test.each([
  { form: "segments", eagerStart: true, how: "new runs handed to workers" },
  { form: "nodes", eagerStart: false, how: "all by the queue" },
] as const)(
  "ten kills of workers, gateway, relay and scheduler at random moments under load of every kind lose nothing and repeat no finished node ($form, $how)",
  async ({ form, eagerStart }) => {
    const { verdict, asked, accepted, runs, expected } = await runKillTrial({ form, eagerStart, kinds: KINDS, runs: RUNS });

    expect(verdict.violations).toEqual([]);
    expect([accepted, verdict.figures.completed, runs]).toEqual([asked, asked, expected]);
  },
);
