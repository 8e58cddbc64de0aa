import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import { createClient, type EventBody } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { startLoad } from "../support/load.ts";
import { startMesh } from "../support/mesh.ts";

const RUNS = 60;
const STRIKES = 3;

interface Recorded {
  readonly node_id: string;
  readonly attempt: number;
  readonly patch: { readonly trail?: readonly string[] };
  readonly next: string | null;
}

test("kills of workers lose no step of any run's history, and double none", async () => {
  await using mesh = await startMesh({ env: { OPENVIBE_HISTORY: "true" } });
  const port = await freePort();
  await Promise.all([mesh.start("worker"), mesh.start("worker"), mesh.start("gateway", { port }), mesh.start("scheduler")]);
  const client = createClient(`http://127.0.0.1:${port}`);

  const { log, done } = startLoad({ urls: [client.url], count: RUNS, everyMs: 60, pauseMs: 100 });
  for (let strike = 0; strike < STRIKES; strike++) {
    await sleep(1_200); // under load, with runs at any of their steps
    await mesh.living("worker")[0]?.kill();
    await mesh.start("worker");
  }
  await done;
  await until("all runs end", () => allEnded(), 90_000);

  let takenOver = 0;
  for (const { runId, number } of log.accepted) {
    const { body } = await client.call<{ data: Recorded[]; recorded: boolean }>("GET", `/v1/operators/load/runs/${runId}/history`);
    const events: readonly EventBody[] = await client.events("load", runId);
    const finished = events.filter(({ type }) => type === "node.completed").map(({ nodeid }) => nodeid);
    const names = body.data.map(({ node_id }) => node_id);

    expect(names).toEqual(["first", "ask", "second", "kind", number % 2 === 0 ? "even_step" : "odd_step", "third", "fourth"]);
    expect(names).toEqual(finished);
    expect(body.data.map(({ next }) => next)).toEqual([...names.slice(1), null]);
    expect(body.data.flatMap(({ patch }) => patch.trail?.at(-1) ?? [])).toEqual(mesh.trailOf(number));
    if (body.data.some(({ attempt }) => attempt > 1)) takenOver++;
  }
  expect(log.accepted).toHaveLength(RUNS);
  expect(takenOver).toBeGreaterThan(0);

  async function allEnded() {
    const { body } = await client.call<{ data: unknown[] }>("GET", "/v1/runs?status=completed&limit=200");
    return body.data.length === RUNS;
  }
});
