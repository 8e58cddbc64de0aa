/** A deployment replaces worker after worker by another version of an operator, while runs wait and the gateway stays. */
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import { createClient, type RunBody } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { startLoad } from "../support/load.ts";
import { startMesh } from "../support/mesh.ts";
import type { NodeRecord } from "../support/node-record.ts";
import type { ServiceProcess } from "../support/process.ts";
import type { RollingVersion } from "../support/rolling-operator.ts";

const RUNS = 200;
const TOGETHER = 20;
/** Answered while a worker stops: some meet an old version, some a new one. */
const MEANWHILE = 40;
const BY_FIRST = ["before", "after"];
const BY_FITTING = [...BY_FIRST, "then"];
const REASON = "step zero comes before ask, and did not";

interface Deployed extends RunBody {
  readonly version: string;
  readonly parked?: { readonly reason: string; readonly needs_version: string };
}

async function startScene() {
  await using starting = new AsyncDisposableStack();
  const mesh = starting.use(await startMesh({ env: { OPENVIBE_OPERATOR_FILES: "tests/support/rolling-operator.ts" } }));
  const port = await freePort();
  const deploy = (version: RollingVersion) => mesh.start("worker", { env: { OPENVIBE_TEST_VERSION: version } });
  const stop = async (worker: ServiceProcess) => {
    worker.signal("SIGTERM");
    expect(await worker.ended).toBe(0);
  };
  const [one, two] = await Promise.all([deploy("first"), deploy("first"), mesh.start("gateway", { port })]);
  const url = `http://127.0.0.1:${port}`;
  const client = createClient(url);
  const accept = async (keys: string, count: number) => {
    const target = () => ({ operator: "rolling", workflow: "deploy" });
    const load = startLoad({ urls: [url], keys, count, everyMs: 1, pauseMs: 0, target });
    await load.done;
    return load.log.accepted.map(({ runId }) => runId);
  };
  const find = async (runId: string) => (await client.call<Deployed>("GET", `/v1/operators/rolling/runs/${runId}`)).body;
  const stack = starting.move();
  return {
    mesh,
    workers: [one, two] as const,
    accept,
    deploy,
    stop,
    find,
    all: (status: string, of: readonly string[]) =>
      until(`${of.length} runs ${status}`, async () => {
        const { body } = await client.call<{ data: RunBody[] }>("GET", `/v1/operators/rolling/runs?status=${status}&limit=${RUNS}`);
        const there = new Set(body.data.map(({ run_id }) => run_id));
        return of.every((runId) => there.has(runId));
      }),
    answer: async (of: readonly string[]) => {
      const path = (runId: string) => `/v1/operators/rolling/runs/${runId}/resume`;
      // Some at a time, as people's answers come.
      for (let n = 0; n < of.length; n += TOGETHER) {
        const some = of.slice(n, n + TOGETHER).map((runId) => client.call("POST", path(runId), { answer: { ok: true } }));
        for (const { status } of await Promise.all(some)) expect(status).toBe(202);
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const visits = (records: readonly NodeRecord[], runId: string) =>
  records.filter(({ run, what }) => run === runId && what === "start").map(({ node }) => node);

test("a rolling restart to another version loses none of 200 runs that wait, and repeats no step; one that does not fit waits for its own", async () => {
  await using scene = await startScene();
  const { mesh, workers, accept, deploy, stop, find, all, answer } = scene;
  const [held = ""] = await accept("held", 1);
  const most = await accept("most", RUNS); // younger, so that they fill the first page of a list
  expect(most).toHaveLength(RUNS);
  await all("waiting", most);

  const [meanwhile, later] = [most.slice(0, MEANWHILE), most.slice(MEANWHILE)];
  const replaced: ServiceProcess[] = [];
  for (const [n, worker] of workers.entries()) {
    const some = meanwhile.slice((n * MEANWHILE) / 2, ((n + 1) * MEANWHILE) / 2);
    await Promise.all([stop(worker), answer(some)]);
    replaced.push(await deploy("fitting"));
  }
  await answer(later);
  await all("completed", most);

  const records = await mesh.records();
  const old = new Set<number>(workers.map(({ pid }) => pid));
  for (const runId of later) expect(visits(records, runId)).toEqual(BY_FITTING);
  for (const runId of meanwhile) expect([BY_FIRST, BY_FITTING]).toContainEqual(visits(records, runId));
  const early = new Set(meanwhile);
  const strange = records.filter(({ run, node, pid }) => !early.has(run) && old.has(pid) !== (node === "before"));
  expect(strange).toEqual([]);

  await Promise.all(replaced.map(stop));
  const unfitting = await deploy("unfitting");
  await answer([held]);
  const parked = await until("a run parked", async () => {
    const run = await find(held);
    return run.parked === undefined ? undefined : run;
  });
  expect(parked).toMatchObject({ status: "queued", parked: { reason: REASON, needs_version: parked.version } });
  await deploy("first");
  const ended = await until("the parked run to end", async () => {
    const run = await find(held);
    return run.completed_at !== null && run;
  });

  expect(ended).toMatchObject({ status: "completed", version: parked.version, output: { ok: true, trail: BY_FIRST } });
  expect(visits(await mesh.records(), held)).toEqual(BY_FIRST);
  expect(unfitting.exited()).toBe(false);
});
