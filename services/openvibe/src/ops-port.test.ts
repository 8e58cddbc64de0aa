/** `OPENVIBE_OPS_PORT` in every program: whatever it does, it can be asked how it is. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { COMMAND, HELLO, type NodeProcess, openFolder, startNode } from "./spawn-node.fixture.ts";

const ENV = {
  OPENVIBE_STORE: "memory",
  OPENVIBE_LOG_LEVEL: "info",
  OPENVIBE_PORT: "0",
  OPENVIBE_OPS_PORT: "0",
  OPENVIBE_OPERATOR_FILES: HELLO,
};
const main = (service: string) => [fileURLToPath(new URL(`../../${service}/src/main.ts`, import.meta.url))];

/** Where its log says that probes and metrics are. */
async function opsUrlOf(running: NodeProcess): Promise<string> {
  const [line] = await running.until(/.*probes and metrics listen.*/);
  return (JSON.parse(line) as { url: string }).url;
}

test.each([
  ["the gateway", main("gateway")],
  ["the event relay", main("event-relay")],
  ["the worker", main("worker")],
  ["the scheduler", main("scheduler")],
  ["serve, as a worker alone", [COMMAND, "serve", "--roles", "worker"]],
  ["serve, with all roles", [COMMAND, "serve"]],
])("%s has probes and metrics there", async (_what, args) => {
  await using folder = await openFolder();
  await using running = startNode(args, { cwd: folder.path, env: ENV });
  const url = await opsUrlOf(running);

  await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 10_000 }).toBe(200);

  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("process_cpu_seconds_total");
  running.signal("SIGTERM");
  expect(await running.ended).toMatchObject({ code: 0 });
});
