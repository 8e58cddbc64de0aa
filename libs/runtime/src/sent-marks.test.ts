import { operator, workflow } from "@openvibe/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { withFaults } from "./faults-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const hello = operator("hello", {
  name: "Hello",
  workflows: [workflow("greet", { state: z.object({ n: z.number().default(0) }) }).node("n", () => ({ n: 1 }))],
});

async function runMany(count: number) {
  const world = openWorld();
  const marked: string[] = [];
  const store = withFaults(world.store, {
    after: (name, given) => {
      if (name === "markSent") marked.push(given.runId);
    },
  });
  const engine = await world.start([hello], { store });
  const runIds = await Promise.all(Array.from({ length: count }, () => world.accept(hello, "greet")));
  await Promise.all(runIds.map((runId) => world.told(runId)));
  const unsent = async () =>
    (await Promise.all(runIds.map((runId) => world.store.runs.findOutbox(runId)))).flatMap((found) => found?.outbox.events);
  return { world, marked, engine, runIds, unsent };
}

test("runs whose events are in the log are marked a little later, each once", async () => {
  const { world, marked, runIds, unsent } = await runMany(5);
  await using _ = world;

  await until(async () => expect(await unsent()).toEqual([]));

  expect(marked.toSorted()).toEqual(runIds.toSorted());
});

test("a worker that stops marks first what it has gathered", async () => {
  const { world, engine, unsent } = await runMany(3);
  await using _ = world;

  await engine.stop();

  expect(await unsent()).toEqual([]);
});
