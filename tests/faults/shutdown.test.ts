import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import type { Strike } from "../support/checker.ts";
import { createClient } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import { startLoad } from "../support/load.ts";
import { type Mesh, startMesh } from "../support/mesh.ts";
import type { NodeRecord } from "../support/node-record.ts";
import type { ServiceProcess } from "../support/process.ts";
import { judgeTrial } from "../support/trial.ts";

const HAND_OVER_BOUND_MS = 5_000;
const TAKE_OVER_BOUND_MS = 20_000;

interface Scene {
  readonly mesh: Mesh;
  readonly url: string;
  readonly first: ServiceProcess;
}

/** One worker holds all runs; a second one stands by. */
async function startScene(env: Record<string, string> = {}): Promise<Scene> {
  const mesh = await startMesh({ env });
  const port = await freePort();
  const [first] = await Promise.all([mesh.start("worker"), mesh.start("gateway", { port }), mesh.start("scheduler")]);
  return { mesh, url: `http://127.0.0.1:${port}`, first };
}

async function holdRuns(
  { mesh, url }: Scene,
  options: { count: number; pauseMs: number; input?: (number: number) => Record<string, unknown> },
) {
  const load = startLoad({ urls: [url], everyMs: 5, ...options });
  await load.done;
  await until(async () => new Set((await mesh.records()).map(({ run }) => run)).size === options.count);
  await mesh.start("worker");
  return load.log;
}

test("SIGTERM: the running step is finished, another worker goes on within 5 s of its edge, and no finished node runs again", async () => {
  const scene = await startScene();
  await using mesh = scene.mesh;
  const log = await holdRuns(scene, { count: 12, pauseMs: 1_500 });

  scene.first.signal("SIGTERM");
  const code = await scene.first.ended;
  const verdict = await judgeTrial(mesh, log, [{ kind: "worker", how: "block", pid: scene.first.pid, at: Date.now() }]);

  const gaps = handOvers(await mesh.records(), scene.first.pid);
  process.stdout.write(`hand-over after SIGTERM: ${gaps.length} runs, at most ${Math.max(...gaps)} ms after the edge of the node\n`);
  expect(code).toBe(0);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures).toMatchObject({ completed: 12, finishedNodesRunAgain: 0 });
  expect(gaps.length).toBeGreaterThan(0);
  expect(Math.max(...gaps)).toBeLessThan(HAND_OVER_BOUND_MS);
});

test("SIGTERM: a node that takes longer than drainTimeoutMs is aborted and handed back", async () => {
  const scene = await startScene({ OPENVIBE_DRAIN_TIMEOUT_MS: "500" });
  await using mesh = scene.mesh;
  const log = await holdRuns(scene, { count: 4, pauseMs: 6_000 });

  const at = Date.now();
  scene.first.signal("SIGTERM");
  const code = await scene.first.ended;
  const tookMs = Date.now() - at;
  const verdict = await judgeTrial(mesh, log, [{ kind: "worker", how: "stop", pid: scene.first.pid, at }]);

  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(HAND_OVER_BOUND_MS);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures).toMatchObject({ completed: 4 });
});

test("SIGTERM while database and broker are away: every process ends within one deadline", async () => {
  const drainTimeoutMs = 500;
  const mesh = await startMesh({ env: { OPENVIBE_DRAIN_TIMEOUT_MS: String(drainTimeoutMs) } });
  await using _mesh = mesh;
  const env = {
    NATS_URL: mesh.nats.url,
    DATABASE_URL: mesh.databaseUrl,
    OPENVIBE_DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
    OPENVIBE_LLM: "echo",
  };
  const worker = await mesh.start("worker");
  await using server = await startServer({ command: "serve", files: ["tests/support/load-operator.ts"], env });
  const client = createClient(server.url);
  for (let number = 0; number < 12; number++) await client.activate("load", "count", { number, pause_ms: 400 });
  const stopping = [worker, server];
  await Promise.all([mesh.postgres.stopImmediate(), mesh.nats.kill()]);
  // Steps have ended meanwhile, and wait with their commits.
  await until(async () => stopping.every((process) => process.output().includes("Postgres does not answer")));

  const at = Date.now();
  for (const process of stopping) process.signal("SIGTERM");
  const ends = await Promise.all(
    stopping.map(({ ended }) => Promise.race([ended.then((code) => ({ code, tookMs: Date.now() - at })), sleep(60_000, "still there")])),
  );

  process.stdout.write(`ends while everything is away: ${JSON.stringify(ends)}\n`);
  for (const end of ends)
    expect(end).toMatchObject({ code: 0, tookMs: expect.toSatisfy((ms: number) => ms < 3 * (drainTimeoutMs + 5_000)) });
});

test("SIGKILL: another worker goes on within 20 s", async () => {
  const scene = await startScene();
  await using mesh = scene.mesh;
  const log = await holdRuns(scene, { count: 12, pauseMs: 4_000 });
  await sleep(6_000); // the second worker must have beaten steadily for 5 s before it may judge

  const at = Date.now();
  await scene.first.kill();
  const strike: Strike = { kind: "worker", how: "kill", pid: scene.first.pid, at };
  const verdict = await judgeTrial(mesh, log, [strike]);

  const gaps = takeOvers(await mesh.records(), scene.first.pid, at);
  process.stdout.write(`take-over after SIGKILL: ${gaps.length} runs, ${Math.min(...gaps)} to ${Math.max(...gaps)} ms\n`);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures.completed).toBe(12);
});

test("a process whose main thread is dead-locked ends itself, and its runs go on elsewhere", async () => {
  const scene = await startScene({ OPENVIBE_MAX_BLOCKED_MS: "3000" });
  await using mesh = scene.mesh;
  const log = await holdRuns(scene, { count: 3, pauseMs: 200, input: (number) => (number === 0 ? { block_ms: 60_000 } : {}) });

  const code = await Promise.race([scene.first.ended, sleep(TAKE_OVER_BOUND_MS, "still there")]);
  const strike: Strike = { kind: "worker", how: "kill", pid: scene.first.pid, at: Date.now() };
  const { records, verdict } = await settled(mesh, log, strike);

  expect(code).toBe(null); // ended by a signal
  expect(scene.first.output()).toMatch(/main thread/);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures.completed).toBe(3);
  expect(records.some(({ pid }) => pid !== scene.first.pid)).toBe(true);
});

async function settled(mesh: Mesh, log: Parameters<typeof judgeTrial>[1], strike: Strike) {
  const verdict = await judgeTrial(mesh, log, [strike]);
  return { records: await mesh.records(), verdict };
}

/** For every run that changed hands: from the last finish in the old process to the first start in another. */
function handOvers(records: readonly NodeRecord[], pid: number): number[] {
  return [...Map.groupBy(records, ({ run }) => run).values()].flatMap((ofRun) => {
    const last = ofRun.findLast((record) => record.pid === pid && record.what === "finish");
    const next = ofRun.find((record) => record.pid !== pid && record.what === "start");
    return last === undefined || next === undefined ? [] : [next.at - last.at];
  });
}

function takeOvers(records: readonly NodeRecord[], pid: number, at: number): number[] {
  const gaps = [...Map.groupBy(records, ({ run }) => run).values()].flatMap((ofRun) => {
    const held = ofRun.filter((record) => record.at <= at).at(-1)?.pid === pid;
    const next = ofRun.find((record) => record.pid !== pid && record.what === "start");
    return held && next !== undefined ? [next.at - at] : [];
  });
  expect(gaps.length).toBeGreaterThan(0);
  expect(Math.max(...gaps)).toBeLessThan(TAKE_OVER_BOUND_MS);
  return gaps;
}

async function until(holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) if (await holds()) return;
  throw new Error("what the test waits for did not happen");
}
