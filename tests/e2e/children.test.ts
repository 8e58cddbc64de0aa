/** Runs that begin other runs, over a broker and a database, with their server killed meanwhile. */
import { startNats, startPostgres } from "@openvibe/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, createClient, type RunBody } from "../support/e2e-client.ts";
import { type Server, startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";

const FAMILY = "tests/support/family-operator.ts";

const stack = new AsyncDisposableStack();
let env: Readonly<Record<string, string>>;
let server: Server;
let client: Client;

const start = async () => {
  server = stack.use(await startServer({ command: "serve", files: [FAMILY], env }));
  client = createClient(server.url);
};
const get = (runId: string) => client.get("family", runId);
const ended = (runId: string) =>
  until("the run ends", async () => {
    const run = await get(runId);
    return run.completed_at !== null && run;
  });
const childrenOf = async (runId: string) =>
  (await client.call<{ data: RunBody[] }>("GET", `/v1/operators/family/runs?limit=200&parent=${runId}`)).body.data;

beforeAll(async () => {
  const [nats, postgres] = await Promise.all([startNats({ own: true }), startPostgres({ own: true })]);
  for (const part of [nats, postgres]) stack.use(part);
  env = { NATS_URL: nats.url, DATABASE_URL: await postgres.createDatabase(), OPENVIBE_LLM: "echo" };
  await start();
});
afterAll(() => stack.disposeAsync());

test("a kill while children of children are under way loses none and begins none twice", async () => {
  const companies = [0, 10, 20, 30, 40];
  const { run_id: runId } = await client.activate("family", "report", { companies, pause_ms: 400 });
  await until("some companies are done", async () => (await childrenOf(runId)).some(({ status }) => status === "completed"));

  await server.kill();
  await start();

  const found = companies.map((n) => [2 * n, 2 * n + 2, 2 * n + 4]);
  const sum = 2 * found.flat().reduce((total, n) => total + n, 0);
  expect(await ended(runId)).toMatchObject({ status: "completed", output: { found, sum } });
  const children = await childrenOf(runId);
  expect(children.map(({ trigger }) => trigger).toSorted()).toEqual([...companies.map(() => "child:companies"), "child:sum"]);
  for (const child of children.filter(({ workflow_id }) => workflow_id === "company")) {
    const parts = await childrenOf(child.run_id);
    expect(parts.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
  }
});

test("a cancel reaches children of children", async () => {
  const { run_id: runId } = await client.activate("family", "report", { companies: [1, 2], pause_ms: 60_000 });
  const grandchildren = async () => (await Promise.all((await childrenOf(runId)).map(({ run_id }) => childrenOf(run_id)))).flat();
  await until("all of them wait", async () => {
    const waiting = (await grandchildren()).filter(({ status }) => status === "waiting");
    return waiting.length === 4;
  });

  await client.call("DELETE", `/v1/operators/family/runs/${runId}`);

  await until("all of them are cancelled", async () => {
    const all = [await get(runId), ...(await childrenOf(runId)), ...(await grandchildren())];
    return all.length === 7 && all.every(({ status }) => status === "cancelled");
  });
});
