/** The checker can fail: each promise is switched off for one trial, together with the fault that meets it, and the same trial is shown to pass with the promise kept. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import type { Strike, Verdict } from "../support/checker.ts";
import { quiesce, readEvents } from "../support/collect.ts";
import { follow } from "../support/follow.ts";
import { startLoad } from "../support/load.ts";
import { startMesh } from "../support/mesh.ts";
import { judgeMix, MIX_FILES, subscribe, wantedOf } from "../support/mix-consequences.ts";
import { createRandom } from "../support/random.ts";
import { judgeStreams } from "../support/stream-checker.ts";
import { judgeTrial } from "../support/trial.ts";
import { hurryDeliveries, startReceiver } from "../support/webhook-receiver.ts";

const faulty = (...names: string[]) => ({ OPENVIBE_TEST_FAULTS: names.join(",") });

/** A gateway is killed while the store is away, after it took requests. */
async function gatewayKilledBeforeTheInsert(env: Record<string, string>): Promise<Verdict> {
  await using mesh = await startMesh();
  const [first, second] = await Promise.all([freePort(), freePort()]);
  const [, doomed] = await Promise.all([
    mesh.start("worker"),
    mesh.start("gateway", { port: first, env }),
    mesh.start("gateway", { port: second }),
    mesh.start("scheduler"),
  ]);
  const warm = startLoad({ urls: [`http://127.0.0.1:${first}`], count: 4, everyMs: 50, pauseMs: 10 });
  await warm.done;
  await judgeTrial(mesh, warm.log, [], { withinMs: 10_000 });
  await mesh.postgres.stopImmediate();
  const load = startLoad({
    urls: [`http://127.0.0.1:${first}`, `http://127.0.0.1:${second}`],
    count: 10,
    everyMs: 20,
    pauseMs: 10,
    input: (number) => ({ number: number + 100 }),
    keys: "later",
  });
  await sleep(1_000);
  const at = Date.now();
  await doomed.kill();
  await mesh.postgres.start();
  await load.done;
  return await judgeTrial(
    mesh,
    { ...load.log, accepted: [...warm.log.accepted, ...load.log.accepted] },
    [{ kind: "gateway", how: "kill", pid: doomed.pid, at }],
    { withinMs: 15_000 },
  );
}

/** A worker is frozen in a node until another one has taken its runs, and wakes up while they are in that node. */
async function workerFrozenInANode(env: Record<string, string>): Promise<Verdict> {
  await using mesh = await startMesh({ env });
  const port = await freePort();
  const [frozen] = await Promise.all([mesh.start("worker"), mesh.start("gateway", { port }), mesh.start("scheduler")]);
  const load = startLoad({ urls: [`http://127.0.0.1:${port}`], count: 8, everyMs: 10, pauseMs: 2_500 });
  await load.done;
  await until(async () => (await mesh.records()).length >= 8);
  const at = Date.now();
  frozen.signal("SIGSTOP");
  await mesh.start("worker");
  await sleep(Math.max(0, at + 8_000 - Date.now()));
  frozen.signal("SIGCONT");
  return await judgeTrial(mesh, load.log, [{ kind: "worker", how: "stop", pid: frozen.pid, at }], { withinMs: 45_000 });
}

/** A node blocks its worker's event loop for 10 s, so that its wake-up is delivered again, while the worker lives. */
async function eventLoopBlocked(env: Record<string, string>): Promise<Verdict> {
  await using mesh = await startMesh({ env: { ...env, OPENVIBE_EAGER_START: "false" } });
  const port = await freePort();
  await Promise.all([mesh.start("worker"), mesh.start("worker"), mesh.start("gateway", { port }), mesh.start("scheduler")]);
  const load = startLoad({
    urls: [`http://127.0.0.1:${port}`],
    count: 3,
    everyMs: 10,
    pauseMs: 50,
    input: (number) => (number === 0 ? { block_ms: 10_000 } : {}),
  });
  await load.done;
  return await judgeTrial(mesh, load.log, [{ kind: "worker", how: "block", pid: -1, at: Date.now() }], { withinMs: 45_000 });
}

/** A worker is frozen, and handed new runs meanwhile: they go by the queue, and are in their node elsewhere when it wakes up and reads what it was handed. */
async function workerFrozenWhenHanded(env: Record<string, string>): Promise<Verdict> {
  await using mesh = await startMesh({ env });
  const port = await freePort();
  const [frozen] = await Promise.all([
    mesh.start("worker"),
    mesh.start("worker"),
    mesh.start("gateway", { port }),
    mesh.start("scheduler"),
  ]);
  const strike: Strike = { kind: "server", how: "stop", pid: -1, at: Date.now() }; // of no owner: it holds no run yet
  frozen.signal("SIGSTOP");
  const load = startLoad({ urls: [`http://127.0.0.1:${port}`], count: 20, everyMs: 10, pauseMs: 2_500 });
  await load.done;
  await until(async () => (await mesh.records()).length >= 20);
  frozen.signal("SIGCONT");
  return await judgeTrial(mesh, load.log, [strike], { withinMs: 45_000 });
}

/** A gateway dies between the insert and the publishing of the wake-up. */
async function gatewayKilledBeforeThePublish(schedulerEnv: Record<string, string>): Promise<Verdict> {
  await using mesh = await startMesh();
  const [first, second] = await Promise.all([freePort(), freePort()]);
  const [, doomed] = await Promise.all([
    mesh.start("worker"),
    mesh.start("gateway", { port: first, env: { ...faulty("exitAfterInsert"), OPENVIBE_EAGER_START: "false" } }),
    mesh.start("gateway", { port: second }),
    mesh.start("scheduler", { env: schedulerEnv }),
  ]);
  const load = startLoad({ urls: [`http://127.0.0.1:${first}`, `http://127.0.0.1:${second}`], count: 6, everyMs: 10, pauseMs: 10 });
  await load.done;
  const strike: Strike = { kind: "gateway", how: "kill", pid: doomed.pid, at: Date.now() };
  return await judgeTrial(mesh, load.log, doomed.exited() ? [strike] : [], { plannedStrikes: 1, withinMs: 20_000 });
}

/** Clients of the event stream are cut again and again. */
async function clientsCut(env: Record<string, string>): Promise<{ violations: readonly string[] }> {
  await using mesh = await startMesh();
  const [gateway, relay] = await Promise.all([freePort(), freePort()]);
  await Promise.all([mesh.start("worker"), mesh.start("gateway", { port: gateway }), mesh.start("event-relay", { port: relay, env })]);
  const stop = new AbortController();
  const clients = Array.from({ length: 5 }, (_, index) => follow([relay], createRandom(index + 1), stop.signal));
  await Promise.all(clients.map(({ connected }) => connected));
  const { log, done } = startLoad({ urls: [`http://127.0.0.1:${gateway}`], count: 40, everyMs: 50, pauseMs: 10 });
  await done;
  await quiesce({ databaseUrl: mesh.databaseUrl, brokerUrl: mesh.broker.url, accepted: log.accepted.length, withinMs: 20_000 });
  const events = await readEvents(mesh.broker.url);
  const ids = events.map(({ runId, sequence }) => `${runId}:${sequence}`);
  await until(async () => clients.every(({ seen }) => seen.ids.at(-1) === ids.at(-1)), 10_000);
  stop.abort();
  await Promise.all(clients.map(({ ended }) => ended));
  return judgeStreams(
    clients.map(({ seen }) => seen),
    ids,
  );
}

describe.each([
  ["202 before the INSERT commits, the gateway killed there", gatewayKilledBeforeTheInsert, "answerBeforeInsert", /is not in the store/],
  [
    "no attempt check, a worker stopped for 8 s in a node",
    workerFrozenInANode,
    "noAttemptCheck",
    /stale owner began|finished nodes ran again|terminal events/,
  ],
  ["no owner check, an event loop blocked for 10 s", eventLoopBlocked, "noOwnerCheck", /had started it, lived/],
  ["no look at who stored a run, a worker frozen when it was handed some", workerFrozenWhenHanded, "noBirthCheck", /had started it, lived/],
  ["a relay that ignores Last-Event-ID, clients cut", clientsCut, "ignoreLastEventId", /client \d+ saw/],
  [
    "a sweep that does nothing, the gateway killed between INSERT and publish",
    gatewayKilledBeforeThePublish,
    "sweepNothing",
    /was accepted and is queued/,
  ],
] as const)("%s", (_, trial, fault, violation) => {
  test("is caught by the checker", async () => {
    const { violations } = await trial(faulty(fault));

    expect(violations.join("\n")).toMatch(violation);
  });

  test("passes with the promise kept", async () => {
    const { violations } = await trial({});

    expect(violations).toEqual([]);
  });
});

/** Runs ask and tell; then the relay is killed and forgets how far it had come, so that it meets every event again. */
async function relayThatForgets(env: Record<string, string>): Promise<readonly string[]> {
  const twice = env.OPENVIBE_TEST_FAULTS !== undefined;
  await using receiver = await startReceiver(() => false);
  await using mesh = await startMesh({ env: { OPENVIBE_OPERATOR_FILES: MIX_FILES.join(), ...env } });
  const port = await freePort();
  const [relay] = await Promise.all([
    mesh.start("event-relay"),
    mesh.start("worker"),
    mesh.start("gateway", { port }),
    mesh.start("scheduler"),
  ]);
  const url = `http://127.0.0.1:${port}`;
  await subscribe(url, receiver);
  const target = (number: number) => ({ operator: "mix", workflow: number % 2 === 0 ? "telling" : "asking" });
  const run = async (count: number, keys: string, runs: number) => {
    await startLoad({ urls: [url], count, everyMs: 20, pauseMs: 10, keys, target }).done;
    return await quiesce({ databaseUrl: mesh.databaseUrl, brokerUrl: mesh.broker.url, accepted: runs, withinMs: 45_000 });
  };
  await run(4, "first", 12);
  await relay.kill();
  await forgetPlaces(mesh.databaseUrl);
  await mesh.start("event-relay");
  // What it tells comes behind all that is met again.
  const { runs, events } = await run(1, "last", twice ? 21 : 15);
  await hurryDeliveries(mesh.databaseUrl, receiver, wantedOf(events), twice ? 1_000 : 20_000);
  return judgeMix(runs, events, receiver);
}

async function forgetPlaces(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("DELETE FROM openvibe.settings");
  await client.end();
}

describe("a relay that forgets how far it had come", () => {
  test("is caught where a cause claims nothing and webhooks are not kept: runs are started twice, questions as well, and nothing arrives", async () => {
    const violations = (await relayThatForgets(faulty("noCauseCheck", "noDeliveries"))).join("\n");

    expect(violations).toMatch(/its question later began 2 runs/);
    expect(violations).toMatch(/its event started 2 runs of trigger told_by_any/);
    expect(violations).toMatch(/did not arrive at the receiver/);
  });

  test("passes with the promises kept", async () => {
    expect(await relayThatForgets({})).toEqual([]);
  });
});

async function until(holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; ) {
    if (await holds()) return;
    await sleep(50);
  }
}
