/** The checker can fail: each promise is switched off for one trial, together with the fault that meets it, and the same trial is shown to pass with the promise kept. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { describe, expect, test } from "vitest";
import type { Strike, Verdict } from "../support/checker.ts";
import { quiesce, readEvents } from "../support/collect.ts";
import { follow } from "../support/follow.ts";
import { startLoad } from "../support/load.ts";
import { startMesh } from "../support/mesh.ts";
import { createRandom } from "../support/random.ts";
import { judgeStreams } from "../support/stream-checker.ts";
import { judgeTrial } from "../support/trial.ts";

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
  await using mesh = await startMesh({ env });
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

/** A gateway dies between the insert and the publishing of the wake-up. */
async function gatewayKilledBeforeThePublish(schedulerEnv: Record<string, string>): Promise<Verdict> {
  await using mesh = await startMesh();
  const [first, second] = await Promise.all([freePort(), freePort()]);
  const [, doomed] = await Promise.all([
    mesh.start("worker"),
    mesh.start("gateway", { port: first, env: faulty("exitAfterInsert") }),
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

async function until(holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; ) {
    if (await holds()) return;
    await sleep(50);
  }
}
