/** An operator that comes over HTTP, on separate processes over NATS and Postgres: served by all of them, by those that come later too, and gone again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createClient } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { startMesh } from "../support/mesh.ts";

const DESK = {
  id: "desk",
  name: "Desk",
  workflows: [
    {
      id: "greet",
      nodes: [
        { id: "greeting", type: "llm", model: "haiku", prompt: "Say hello to {{name}}!" },
        { id: "count", type: "logic", writes: { letters: "integer" } },
      ],
    },
  ],
};
const HANDLERS = "export default { desk: { greet: { count: ({ greeting }) => ({ letters: greeting.length }) } } };\n";

async function openHandlers() {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-handlers-"));
  const file = join(folder, "handlers.js");
  await writeFile(file, HANDLERS);
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test("an operator that is posted at one server is served by every worker, outlives all of them, and goes when it is removed", async () => {
  await using handlers = await openHandlers();
  await using mesh = await startMesh({ env: { OPENVIBE_POSTED_OPERATORS: "only", OPENVIBE_HANDLER_FILES: handlers.file } });
  const [gateway, first, second] = await Promise.all([
    mesh.start("gateway"),
    mesh.start("worker"),
    mesh.start("worker"),
    mesh.start("scheduler"),
  ]);
  const url = await until("the gateway says where it listens", () => /http:\/\/127\.0\.0\.1:\d+/.exec(gateway.output())?.[0]);
  const client = createClient(url);
  const workers = async () => ((await client.call("GET", "/v1/operators/desk")).body.workers ?? []) as readonly string[];

  const posted = await client.call("POST", "/v1/operators", DESK);
  expect(posted).toMatchObject({ status: 201, body: { id: "desk", posted: true } });
  await until("both workers serve it", async () => (await workers()).length === 2);
  const run = await client.run("desk", "greet", { name: "Ann" });
  expect(run).toMatchObject({ status: "completed", output: { greeting: "[echo] Say hello to Ann!", letters: 24 } });

  await Promise.all([first.kill(), second.kill()]);
  const waiting = await client.activate("desk", "greet", { name: "Bob" });
  await mesh.start("worker");
  await until("a worker that came later runs it", async () => (await client.get("desk", waiting.run_id)).status === "completed");
  expect(await client.call("POST", "/v1/operators", DESK)).toMatchObject({ status: 200, body: { version: posted.body.version } });

  const [third] = mesh.living("worker");
  expect((await client.call("DELETE", "/v1/operators/desk")).status).toBe(204);
  await until("the worker drops it", () => third?.output().includes("a posted operator is served no more"));
  expect((await client.call("POST", "/v1/operators/desk/activate", { trigger: "greet" })).status).toBe(404);
}, 120_000);
