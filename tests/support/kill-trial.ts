import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { judge, type Strike, type Verdict } from "./checker.ts";
import { quiesce } from "./collect.ts";
import { startLoad } from "./load.ts";
import { type Kind, type Mesh, type MeshOptions, startMesh } from "./mesh.ts";
import { createRandom, type Random } from "./random.ts";

export interface KillTrialOptions {
  readonly form: "segments" | "nodes";
  /** What is killed, one after the other at random moments. */
  readonly kinds: readonly Kind[];
  /** Activated while that happens. */
  readonly runs: number;
  /** Starts the system; over NATS by default. */
  readonly start?: (options: MeshOptions) => Promise<Mesh>;
}

export interface KillTrial {
  readonly verdict: Verdict;
  readonly accepted: number;
  readonly runs: number;
  /** Of the broker's server. */
  readonly brokerVersion: string;
}

/** A whole system under load whose processes are killed and started again; judged when it has come to rest. */
export async function runKillTrial({ form, kinds, runs: count, start = startMesh }: KillTrialOptions): Promise<KillTrial> {
  const random = createRandom();
  process.stdout.write(`seed ${random.seed} (repeat with OPENVIBE_TEST_SEED)\n`);
  await using mesh = await start({ form });
  const port = await freePort();
  await Promise.all([
    mesh.start("worker"),
    mesh.start("worker"),
    mesh.start("gateway", { port }),
    mesh.start("event-relay"),
    mesh.start("scheduler"),
  ]);
  const { log, done } = startLoad({ urls: [`http://127.0.0.1:${port}`], count, everyMs: 75, pauseMs: 60 });

  const strikes = await strikeAtRandom(mesh, kinds, random, port);
  await done;
  const { runs, events } = await quiesce({
    databaseUrl: mesh.databaseUrl,
    brokerUrl: mesh.broker.url,
    accepted: log.accepted.length,
    withinMs: 60_000,
  });

  const verdict = judge({
    accepted: log.accepted,
    runs,
    events,
    records: await mesh.records(),
    strikes,
    plannedStrikes: kinds.length,
    trailOf: mesh.trailOf,
  });
  process.stdout.write(
    `${form}, ${new URL(mesh.broker.url).protocol.slice(0, -1)} ${mesh.broker.version}: ${JSON.stringify(verdict.figures)}\n`,
  );
  return { verdict, accepted: log.accepted.length, runs: runs.length, brokerVersion: mesh.broker.version };
}

/** Each killed process is started again. */
async function strikeAtRandom(mesh: Mesh, kinds: readonly Kind[], random: Random, port: number): Promise<Strike[]> {
  const strikes: Strike[] = [];
  const restarts: Promise<unknown>[] = [];
  for (const kind of kinds) {
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
