import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { judge, type Strike, type Verdict } from "./checker.ts";
import { quiesce } from "./collect.ts";
import { startLoad, type Target } from "./load.ts";
import { expectedTrail } from "./load-operator.ts";
import { type Kind, type Mesh, type MeshOptions, startMesh } from "./mesh.ts";
import { judgeMix, MIX_FILES, subscribe, wantedOf } from "./mix-consequences.ts";
import { MIX } from "./mix-operator.ts";
import type { ServiceProcess } from "./process.ts";
import { createRandom, type Random } from "./random.ts";
import { hurryDeliveries, startReceiver } from "./webhook-receiver.ts";

/** What a node of a trial takes, in milliseconds. */
const PAUSE_MS = 60;
const MIXED = Object.keys(MIX);

/** Every second number counts, the others take turns at the workflows of the mix. */
function targetOf(number: number): Target {
  const workflow = number % 2 === 0 ? undefined : MIXED[((number - 1) / 2) % MIXED.length];
  return workflow === undefined ? { operator: "load", workflow: "count" } : { operator: "mix", workflow };
}

export interface KillTrialOptions {
  readonly form: "segments" | "nodes";
  /** Whether new runs are handed to workers that have room; else all go by the queue. */
  readonly eagerStart?: boolean;
  /** What is killed, one after the other at random moments. */
  readonly kinds: readonly Kind[];
  /** Activated while that happens, at least: the load lasts as long as the strikes do, however slow the machine is. */
  readonly runs: number;
  /** Starts the system; over NATS by default. */
  readonly start?: (options: MeshOptions) => Promise<Mesh>;
}

export interface KillTrial {
  readonly verdict: Verdict;
  readonly asked: number;
  readonly accepted: number;
  /** In the store. */
  readonly runs: number;
  /** That should be there: those that were asked for, and those that they begin. */
  readonly expected: number;
  /** Of the broker's server. */
  readonly brokerVersion: string;
}

/** A whole system under load whose processes are killed and started again; judged when it has come to rest. */
export async function runKillTrial({
  form,
  eagerStart = true,
  kinds,
  runs: count,
  start = startMesh,
}: KillTrialOptions): Promise<KillTrial> {
  const random = createRandom();
  process.stdout.write(`seed ${random.seed} (repeat with OPENVIBE_TEST_SEED)\n`);
  await using receiver = await startReceiver(() => random.between(0, 10) < 1);
  await using mesh = await start({ form, env: { OPENVIBE_OPERATOR_FILES: MIX_FILES.join(), OPENVIBE_EAGER_START: String(eagerStart) } });
  const port = await freePort();
  await Promise.all([
    mesh.start("worker"),
    mesh.start("worker"),
    mesh.start("gateway", { port }),
    mesh.start("event-relay"),
    mesh.start("scheduler"),
  ]);
  const url = `http://127.0.0.1:${port}`;
  await subscribe(url, receiver);
  const striking = strikeAtRandom(mesh, kinds, random, port);
  const { log, done } = startLoad({ urls: [url], count, until: striking, everyMs: 75, pauseMs: PAUSE_MS, target: targetOf });
  const [strikes] = await Promise.all([striking, done]);
  const begun = Array.from({ length: log.asked }, (_, number) => MIX[targetOf(number).workflow]?.begins ?? 0);
  const expected = log.asked + begun.reduce((sum, one) => sum + one, 0);
  const { runs, events } = await quiesce({
    databaseUrl: mesh.databaseUrl,
    brokerUrl: mesh.broker.url,
    accepted: expected,
    withinMs: 60_000,
  });
  await hurryDeliveries(mesh.databaseUrl, receiver, wantedOf(events), 30_000);

  const { violations, figures } = judge({
    accepted: log.accepted,
    runs,
    events,
    records: await mesh.records(),
    strikes,
    plannedStrikes: kinds.length,
    trailOf: (number) => MIX[targetOf(number).workflow]?.trail ?? expectedTrail(number),
  });
  process.stdout.write(
    `${form}, ${new URL(mesh.broker.url).protocol.slice(0, -1)} ${mesh.broker.version}: ${JSON.stringify({ ...figures, webhooks: receiver.taken.size })}\n`,
  );
  return {
    verdict: { violations: [...violations, ...judgeMix(runs, events, receiver)], figures },
    asked: log.asked,
    accepted: log.accepted.length,
    runs: runs.length,
    expected,
    brokerVersion: mesh.broker.version,
  };
}

/** Each killed process is started again. Every second strike on a worker is aimed at a running node: chance alone may miss all of a few. */
async function strikeAtRandom(mesh: Mesh, kinds: readonly Kind[], random: Random, port: number): Promise<Strike[]> {
  const strikes: Strike[] = [];
  const restarts: Promise<unknown>[] = [];
  for (const kind of kinds) {
    await sleep(random.between(1_000, 2_500));
    await Promise.all(restarts); // two workers at each strike: else nobody could take over
    const aimed = kind === "worker" && strikes.filter((strike) => strike.kind === kind).length % 2 === 0;
    const victim = (aimed ? await amidANode(mesh) : undefined) ?? random.pick(mesh.living(kind));
    const at = Date.now();
    await victim.kill();
    strikes.push({ kind, how: "kill", pid: victim.pid, at });
    restarts.push(mesh.start(kind, kind === "gateway" ? { port } : {}));
  }
  await Promise.all(restarts);
  return strikes;
}

/** A worker that has begun a node just now; none when no node begins for two seconds. */
async function amidANode(mesh: Mesh): Promise<ServiceProcess | undefined> {
  for (const until = Date.now() + 2_000; Date.now() < until; await sleep(5)) {
    const latest = (await mesh.records()).at(-1);
    if (latest?.what !== "start" || Date.now() - latest.at > PAUSE_MS / 3) continue;
    const victim = mesh.living("worker").find(({ pid }) => pid === latest.pid);
    if (victim !== undefined) return victim;
  }
  return undefined;
}
