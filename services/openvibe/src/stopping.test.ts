/** The order of a stop: what runs is told at once, whatever still goes on at the door. */
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig } from "@openvibe/composition";
import { silentLogger } from "@openvibe/core";
import { operator, workflow } from "openvibe";
import { expect, test } from "vitest";
import { z } from "zod";
import { compose } from "./compose.ts";
import { openFolder } from "./spawn-node.fixture.ts";

const State = z.object({ n: z.number().default(0) });

test("a run goes no further than its step once a stop has begun, though a request still comes in; who waits for it gets it as it is", async () => {
  const inside = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const steps = workflow("steps", { state: State, trigger: "on_demand" })
    .node("one", async ({ n }) => {
      inside.resolve();
      await leave.promise;
      return { n: n + 1 };
    })
    .node("two", ({ n }) => ({ n: n + 1 }));
  await using folder = await openFolder();
  const config = parseConfig({ OPENVIBE_PORT: "0", OPENVIBE_SQLITE_PATH: join(folder.path, "runs.db") });
  const open = () => compose({ config, definitions: [operator("shop", { name: "Shop", workflows: [steps] })], logger: silentLogger });
  await using first = await open();
  const waiting = fetch(`${first.url}/v1/operators/shop/activate`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=30" },
    body: JSON.stringify({ trigger: "steps" }),
  });
  await inside.promise;
  const half = connect(Number(new URL(first.url ?? "").port), "127.0.0.1");
  using _half = { [Symbol.dispose]: () => void half.destroy() };
  await once(half, "connect");
  half.write(
    "POST /v1/operators/shop/activate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
  );
  await sleep(50); // until the server has begun to read it

  const stopped = first[Symbol.asyncDispose]();
  const answer = await waiting;
  const run = (await answer.json()) as { run_id: string };
  leave.resolve();
  await expect.poll(async () => (await first.store.runs.find(run.run_id))?.step, { timeout: 5_000 }).toBeGreaterThan(0);
  await sleep(50); // in which the second step would have ended as well
  half.destroy();
  await stopped;

  expect([answer.status, run]).toMatchObject([202, { status: "running", attempt: 1 }]);
  await using second = await open();
  const { signal } = new AbortController();
  const ended = await second.acceptor.waiter.wait(run.run_id, { timeoutMs: 10_000, signal });
  expect(ended).toMatchObject({ status: "completed", attempt: 2, output: { n: 2 } });
});
