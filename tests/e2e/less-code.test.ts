/** The count of docs/less-code.md: its numbers are those of the files that it names, and both of its programs do the same. */
import { readFile } from "node:fs/promises";
import leadQualification from "@openvibe/operators/lead_qualification";
import { freePort, startPostgres } from "@openvibe/stack";
import { serve } from "openvibe";
import { afterEach, expect, test, vi } from "vitest";
import { createClient } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { startVendor } from "../support/e2e-vendor.ts";
import { linesOfCode } from "../support/lines-of-code.ts";
import { startProcess } from "../support/process.ts";

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
const HANDWRITTEN = "bench/handwritten/src/lead-qualification.ts";
const OURS = ["operators/examples/lead-qualification.values.ts", "operators/examples/lead-qualification.decorated.ts"];
const LEAD = { contactId: "c1", source: "fair" };

afterEach(() => vi.unstubAllEnvs());

test("lead qualification takes at least 60 % fewer lines than by hand, and the page says how many", async () => {
  const page = await read("docs/less-code.md");
  const byHand = linesOfCode(await read(HANDWRITTEN));

  expect(page).toContain(`(../${HANDWRITTEN}) | ${byHand} |`);
  for (const file of OURS) {
    const lines = linesOfCode(await read(file));
    const fewer = 1 - lines / byHand;
    expect(fewer, file).toBeGreaterThanOrEqual(0.6);
    expect(page).toContain(`(../${file}) | ${lines} | ${Math.round(100 * fewer)} % |`);
  }
});

test("hello takes at most ten lines, and the page says how many", async () => {
  const [, hello = ""] = /<!-- docs-test: save hello\/hello\.ts -->\n```ts\n([\s\S]*?)```/.exec(await read("README.md")) ?? [];
  const lines = linesOfCode(hello);

  expect(hello).toContain("serve(");
  expect(lines).toBeLessThanOrEqual(10);
  expect(await read("docs/less-code.md")).toContain(`(../README.md#hello) | ${lines} |`);
});

test("the program by hand does what ours does: the same requests, the same output, and it goes on after kill -9", async () => {
  const fits = JSON.stringify({ fitScore: 90, intentScore: 80, urgencyScore: 100 });
  await using vendor = await startVendor({ reply: ({ user }) => (user.startsWith("Score") ? fits : "ACME, 50 people") });
  await using postgres = await startPostgres();
  const port = await freePort();
  const env = { DATABASE_URL: await postgres.createDatabase(), PORT: String(port), ...vendor.env };
  const start = () =>
    startProcess({
      name: "handwritten",
      file: HANDWRITTEN,
      env: { ...env, ANTHROPIC_BASE_URL: vendor.env.OPENVIBE_LLM_BASE_URL ?? "" },
      readyWhen: /listening/,
    });
  const client = createClient(`http://127.0.0.1:${port}`);
  const ended = async (runId: string) =>
    await until(`${runId} ends`, async () => {
      const run = await client.get("revenue_ops", runId);
      return run.status !== "running" && run;
    });

  vendor.slow(1_000);
  const first = await start();
  const { run_id } = await client.activate("revenue_ops", "lead_qualification", LEAD);
  await until("the model is asked", () => vendor.asked().length > 0);
  await first.kill();
  vendor.slow(0);
  await using _second = await start();
  const byHand = await ended(run_id);
  for (const [name, value] of Object.entries({ ...vendor.env, DATABASE_URL: undefined, NATS_URL: undefined })) vi.stubEnv(name, value);
  await using server = await serve(leadQualification, { port: 0, store: ":memory:", foreground: false });
  const ours = await createClient(server.url).run("revenue_ops", "lead_qualification", LEAD);

  expect([byHand.status, byHand.output]).toEqual([ours.status, ours.output]);
  expect(ours.output).toMatchObject({ compositeScore: 89, crmUpdated: true });
  const counted = ["tokens_in", "tokens_out", "llm_calls", "nodes_executed"] as const;
  expect(counted.map((name) => byHand.metrics[name])).toEqual(counted.map((name) => ours.metrics[name]));
  const prompts = vendor.asked().map(({ system, user, model }) => ({ system, user, model }));
  expect(prompts.slice(-4, -2)).toEqual(prompts.slice(-2));
});
