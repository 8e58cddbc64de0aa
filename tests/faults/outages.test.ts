import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import type { Strike } from "../support/checker.ts";
import { startLoad } from "../support/load.ts";
import { type NatsMesh, startMesh } from "../support/mesh.ts";
import { judgeTrial } from "../support/trial.ts";

const DOWN_MS = 20_000;
const ROUNDS = 3;

test("Postgres stopped at once and nats-server killed, 20 s down each, three times under load: no process ends, no run is lost or started twice", async () => {
  await using mesh = await startMesh();
  const port = await freePort();
  await Promise.all([
    mesh.start("worker"),
    mesh.start("worker"),
    mesh.start("gateway", { port }),
    mesh.start("event-relay"),
    mesh.start("scheduler"),
  ]);
  const before = mesh.all().map(({ pid }) => pid);
  const { log, done } = startLoad({ urls: [`http://127.0.0.1:${port}`], count: 900, everyMs: 170, pauseMs: 100 });

  const outages: Strike[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(3_000);
    outages.push(await outage(mesh.postgres, "stopImmediate"));
    await sleep(3_000);
    outages.push(await outage(mesh.nats, "kill"));
  }
  await done;
  const verdict = await judgeTrial(mesh, log, outages, { plannedStrikes: 2 * ROUNDS, withinMs: 90_000 });

  process.stdout.write(`${JSON.stringify({ ...verdict.figures, retries: log.retries })}\n`);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures.completed).toBe(900);
  expect(verdict.figures.finishedNodesRunAgain).toBe(0);
  expect(mesh.all().filter((process) => process.exited())).toEqual([]);
  expect(mesh.all().map(({ pid }) => pid)).toEqual(before);
});

async function outage<K extends "stopImmediate" | "kill">(
  server: Record<K, () => Promise<void>> & Pick<NatsMesh["nats"], "start">,
  how: K,
): Promise<Strike> {
  const at = Date.now();
  await server[how]();
  await sleep(DOWN_MS);
  await server.start();
  return { kind: "server", how: "kill", pid: -1, at };
}
