import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { expect, test } from "vitest";
import { quiesce, readEvents } from "../support/collect.ts";
import { follow } from "../support/follow.ts";
import { startLoad } from "../support/load.ts";
import { startMesh } from "../support/mesh.ts";
import { createRandom } from "../support/random.ts";
import { judgeStreams } from "../support/stream-checker.ts";

const CLIENTS = 100;
const RUNS = 150;

test("what 100 clients saw, cut at random bytes over two relays, put together equals the log", async () => {
  const random = createRandom();
  process.stdout.write(`seed ${random.seed} (repeat with OPENVIBE_TEST_SEED)\n`);
  await using mesh = await startMesh();
  const [gateway, first, second] = await Promise.all([freePort(), freePort(), freePort()]);
  const relay = (port: number) => mesh.start("event-relay", { port });
  await Promise.all([
    mesh.start("worker"),
    mesh.start("worker"),
    mesh.start("gateway", { port: gateway }),
    relay(first),
    relay(second),
    mesh.start("scheduler"),
  ]);

  const stop = new AbortController();
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    follow([first, second], createRandom(random.seed + index + 1), stop.signal),
  );
  await Promise.all(clients.map(({ connected }) => connected));
  const { log, done } = startLoad({ urls: [`http://127.0.0.1:${gateway}`], count: RUNS, everyMs: 40, pauseMs: 10 });
  await done;
  await quiesce({ databaseUrl: mesh.databaseUrl, brokerUrl: mesh.broker.url, accepted: log.accepted.length, withinMs: 60_000 });
  const events = await readEvents(mesh.broker.url);
  const last = events.at(-1);
  for (
    const until = Date.now() + 30_000;
    Date.now() < until && !clients.every(({ seen }) => seen.ids.at(-1) === `${last?.runId}:${last?.sequence}`);
  )
    await sleep(100);
  stop.abort();
  await Promise.all(clients.map(({ ended }) => ended));

  const verdict = judgeStreams(
    clients.map(({ seen }) => seen),
    events.map(({ runId, sequence }) => `${runId}:${sequence}`),
  );
  process.stdout.write(`${JSON.stringify(verdict.figures)}\n`);
  expect(verdict.violations).toEqual([]);
  expect(log.accepted).toHaveLength(RUNS);
});
