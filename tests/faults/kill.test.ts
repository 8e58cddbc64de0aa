import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import { judge, type Strike } from "../support/checker.ts";
import { quiesce } from "../support/collect.ts";
import { startLoad } from "../support/load.ts";
import { type Kind, type Mesh, startMesh } from "../support/mesh.ts";
import { createRandom, type Random } from "../support/random.ts";

const STRIKES = 10;
const RUNS = 400;

test.each(["segments", "nodes"] as const)(
  "ten kills of workers, gateway, relay and scheduler at random moments under load lose nothing and repeat no finished node (%s)",
  async (form) => {
    const random = createRandom();
    process.stdout.write(`seed ${random.seed} (repeat with OPENVIBE_TEST_SEED)\n`);
    await using mesh = await startMesh({ form });
    const port = await freePort();
    await Promise.all([
      mesh.start("worker"),
      mesh.start("worker"),
      mesh.start("gateway", { port }),
      mesh.start("event-relay"),
      mesh.start("scheduler"),
    ]);
    const { log, done } = startLoad({ urls: [`http://127.0.0.1:${port}`], count: RUNS, everyMs: 75, pauseMs: 60 });

    const strikes = await strikeAtRandom(mesh, random, port);
    await done;
    const { runs, events } = await quiesce({
      databaseUrl: mesh.databaseUrl,
      natsUrl: mesh.nats.url,
      accepted: log.accepted.length,
      withinMs: 60_000,
    });

    const verdict = judge({
      accepted: log.accepted,
      runs,
      events,
      records: await mesh.records(),
      strikes,
      plannedStrikes: STRIKES,
      trailOf: mesh.trailOf,
    });
    process.stdout.write(`${form}: ${JSON.stringify(verdict.figures)}\n`);
    expect(verdict.violations).toEqual([]);
    expect(log.accepted).toHaveLength(RUNS);
    expect(runs).toHaveLength(RUNS);
  },
);

/** Most strikes go to workers: there the promises are hardest to keep. Each killed process is started again. */
async function strikeAtRandom(mesh: Mesh, random: Random, port: number): Promise<Strike[]> {
  const kinds: readonly Kind[] = [
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
  const strikes: Strike[] = [];
  const restarts: Promise<unknown>[] = [];
  for (const kind of kinds.slice(0, STRIKES)) {
    await sleep(random.between(1_000, 2_500));
    await Promise.all(restarts); // two workers at each strike: else nobody could take over
    const victim = random.pick(mesh.living(kind));
    const at = Date.now();
    await victim.kill();
    strikes.push({ kind, how: "kill", pid: victim.pid, at });
    restarts.push(mesh.start(kind, kind === "gateway" ? { port } : {}));
  }
  await Promise.all(restarts);
  return strikes;
}
