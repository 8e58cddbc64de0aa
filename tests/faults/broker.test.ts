import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import type { Strike } from "../support/checker.ts";
import { startLoad } from "../support/load.ts";
import { type NatsMesh, startMesh } from "../support/mesh.ts";
import { judgeTrial } from "../support/trial.ts";

/** All runs go by the queue. */
async function startSmallMesh(): Promise<{ mesh: NatsMesh; url: string }> {
  const mesh = await startMesh({ env: { OPENVIBE_EAGER_START: "false" } });
  const port = await freePort();
  await Promise.all([mesh.start("worker"), mesh.start("worker"), mesh.start("gateway", { port }), mesh.start("scheduler")]);
  return { mesh, url: `http://127.0.0.1:${port}` };
}

const strike = (): Strike => ({ kind: "server", how: "kill", pid: -1, at: Date.now() });

test("OV_ACTIVATIONS purged, deleted and made anew under load: every run still ends, and no finished node runs again", async () => {
  const { mesh: started, url } = await startSmallMesh();
  await using mesh = started;
  const nc = await connect({ servers: mesh.nats.url });
  const jsm = await jetstreamManager(nc);
  const { log, done } = startLoad({ urls: [url], count: 250, everyMs: 40, pauseMs: 80 });

  await sleep(2_000);
  const strikes = [strike()];
  await jsm.streams.purge("OV_ACTIVATIONS");
  await sleep(2_000);
  const { config } = await jsm.streams.info("OV_ACTIVATIONS");
  strikes.push(strike());
  await jsm.streams.delete("OV_ACTIVATIONS");
  await sleep(1_000);
  await jsm.streams.add(config);
  await nc.close();
  await done;
  const verdict = await judgeTrial(mesh, log, strikes, { plannedStrikes: 2 });

  process.stdout.write(`${JSON.stringify(verdict.figures)}\n`);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures).toMatchObject({ completed: 250, finishedNodesRunAgain: 0 });
});

test("an activation whose publishing the broker refuses after the commit is answered with 202 and still ends", async () => {
  const { mesh: started, url } = await startSmallMesh();
  await using mesh = started;
  const nc = await connect({ servers: mesh.nats.url });
  const jsm = await jetstreamManager(nc);
  const { config } = await jsm.streams.info("OV_ACTIVATIONS");

  await jsm.streams.update("OV_ACTIVATIONS", { ...config, max_bytes: 1 });
  const strikes = [strike()];
  const { log, done } = startLoad({ urls: [url], count: 20, everyMs: 10, pauseMs: 10 });
  await done;
  const refusedMeanwhile = (await mesh.records()).length;
  await jsm.streams.update("OV_ACTIVATIONS", config);
  await nc.close();
  const verdict = await judgeTrial(mesh, log, strikes, { plannedStrikes: 1 });

  expect(refusedMeanwhile).toBe(0);
  expect(log.refused).toEqual([]);
  expect(verdict.violations).toEqual([]);
  expect(verdict.figures.completed).toBe(20);
});
