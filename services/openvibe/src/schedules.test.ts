/** Runs by the clock, from the trigger to the step's code, and which programs start them. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseConfig } from "@openvibe/composition";
import { silentLogger, systemClock } from "@openvibe/core";
import { describe, expect, test, vi } from "vitest";
import clocked from "./clocked-operator.fixture.ts";
import { compose } from "./compose.ts";
import { COMMAND, CLOCKED, openFolder, startNode } from "./spawn-node.fixture.ts";

test("when its minute comes the clock starts a run, whose code reads the slot; started by hand it has none", async () => {
  let aheadMs = 0;
  const clock = { now: () => systemClock.now() + aheadMs };
  const config = parseConfig({ OPENVIBE_STORE: "memory", OPENVIBE_PORT: "0", OPENVIBE_SCHEDULER: "cron" });
  await using composed = await compose({ config, definitions: [clocked], logger: silentLogger, clock });
  const { runs, schedules } = composed.store;
  await vi.waitFor(async () => expect(await schedules.list()).toHaveLength(2), { timeout: 10_000 });

  aheadMs += 60_000;

  const completed = async () => (await runs.list({ statuses: ["completed"] }, { limit: 9 })).filter(({ trigger }) => trigger === "often");
  const [run] = await vi.waitUntil(async () => ((await completed()).length > 0 ? await completed() : undefined), { timeout: 10_000 });
  expect(run?.output).toEqual({ slot: run?.tags.slot });
  expect(new Date(run?.tags.slot ?? "").getTime() % 60_000).toBe(0);
  const listed = (await (await fetch(`${composed.url}/v1/schedules`)).json()) as { data: { trigger: string; last_run: object }[] };
  expect(listed.data.find(({ trigger }) => trigger === "often")?.last_run).toMatchObject({
    slot: expect.stringMatching(/:00\.000Z$/) as string,
  });
  const byHand = await fetch(`${composed.url}/v1/schedules/clocked/yearly/run`, { method: "POST" });
  const { run_id } = (await byHand.json()) as { run_id: string };
  await vi.waitFor(async () => expect(await runs.find(run_id)).toMatchObject({ output: { slot: "by hand" } }), { timeout: 10_000 });
});

describe("the clock starts runs", () => {
  const NOTE = "Nothing is started by the clock here";
  test.each([
    ["in openvibe serve", ["serve"], {}, true],
    ["in openvibe serve, unless the configuration says none", ["serve"], { OPENVIBE_SCHEDULER: "none" }, false],
    ["in openvibe dev --cron", ["dev", "--cron"], { OPENVIBE_SCHEDULER: "none" }, true],
    ["not in openvibe dev, which says so", ["dev"], {}, false],
  ] as const)("%s", async (_what, words, env, starts) => {
    await using folder = await openFolder();
    const args = [COMMAND, ...words, "--port", "0", CLOCKED];
    await using running = startNode(args, { cwd: folder.path, env: { OPENVIBE_LOG_LEVEL: "error", ...env } });
    await running.until(/\/v1\/operators\n/);
    expect(running.said.out.includes(NOTE)).toBe(!starts);

    const [, url = ""] = await running.until(/ at (http:\/\/\S+)/);
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200));
    running.signal("SIGTERM");
    await running.ended;

    const database = new DatabaseSync(join(folder.path, ".openvibe", "openvibe.db"));
    const followed = database.prepare("SELECT trigger_id FROM schedules ORDER BY trigger_id").all();
    database.close();
    expect(followed.map(({ trigger_id }) => trigger_id)).toEqual(starts ? ["often", "yearly"] : []);
  });
});
