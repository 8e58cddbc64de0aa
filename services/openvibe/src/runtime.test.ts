import { join } from "node:path";
import { createScripted } from "@openvibe/llm/scripted";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createRuntime } from "./index.ts";
import { small } from "./small-operator.fixture.ts";
import { openFolder } from "./spawn-node.fixture.ts";

beforeEach(() => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const open = () => createRuntime({ operators: [small], llm: createScripted(() => "unused") });

describe("a runtime in one's own process", () => {
  test("runs a workflow to its end, with typed output", async () => {
    await using runtime = await open();

    const started = await runtime.activate(small, "add", { n: 41 }, { tags: { team: "sales" } });
    const run = await started.ended();

    expect(run.output.n).toBe(42);
    expect(run).toMatchObject({
      runId: started.runId,
      status: "completed",
      workflowId: "add",
      input: { n: 41 },
      tags: { team: "sales" },
      attempt: 1,
    });
    expect(await runtime.find(started.runId)).toMatchObject({ status: "completed" });
  });

  test("tells a failed run with the node and its error", async () => {
    await using runtime = await open();

    const run = await (await runtime.activate(small, "fail", {})).ended();

    expect(run).toMatchObject({
      status: "failed",
      error: { code: "OV_NODE_FAILED", message: expect.stringContaining("on purpose") as string, node_id: "break" },
    });
  });

  test("shows a run's events in order, and shares its context", async () => {
    await using runtime = await open();

    const { runId, ended } = await runtime.activate(small, "share", { n: 7 });
    await ended();

    const types = await vi.waitFor(async () => {
      const events = await runtime.events(runId);
      expect(events.at(-1)?.type).toBe("run.completed");
      // An event may be stored twice; its id says so.
      return [...new Map(events.map((event) => [event.id, event])).values()].map(({ type, sequence }) => [sequence, type]);
    });
    expect(types).toEqual([
      [0, "run.queued"],
      [1, "run.started"],
      [2, "count.shared"],
      [3, "node.completed"],
      [4, "run.completed"],
    ]);
    expect(await runtime.context("context-counts").get("newest")).toMatchObject({ value: 7 });
  });

  test("gives the same run for the same idempotency key", async () => {
    await using runtime = await open();

    const first = await runtime.activate(small, "add", { n: 1 }, { idempotencyKey: "k1" });
    const again = await runtime.activate(small, "add", { n: 1 }, { idempotencyKey: "k1" });

    expect(again.runId).toBe(first.runId);
    await expect(runtime.activate(small, "add", { n: 2 }, { idempotencyKey: "k1" })).rejects.toMatchObject({
      code: "OV_IDEMPOTENCY_MISMATCH",
    });
  });

  test("refuses input that does not fit, and workflows that are not there", async () => {
    await using runtime = await open();

    await expect(runtime.activate(small, "add", { n: "1" as unknown as number })).rejects.toMatchObject({
      code: "OV_INPUT_INVALID",
      errors: [{ pointer: "/input/n" }],
    });
    await expect(runtime.activate(small, "ad" as "add", {})).rejects.toMatchObject({ code: "OV_TRIGGER_NOT_FOUND" });
    expect(await runtime.find("run_none")).toBeUndefined();
  });

  test("cancels a running run", async () => {
    await using runtime = await open();
    const { runId, ended } = await runtime.activate(small, "wait", {});
    await vi.waitUntil(async () => (await runtime.find(runId))?.status === "running");

    await runtime.cancel(runId);

    expect(await ended({ timeoutMs: 5_000 })).toMatchObject({ status: "cancelled" });
    await expect(runtime.cancel("run_none")).rejects.toMatchObject({ code: "OV_RUN_NOT_FOUND" });
  });

  test("does not wait for ever", async () => {
    await using runtime = await open();
    const { runId, ended } = await runtime.activate(small, "wait", {});

    await expect(ended({ timeoutMs: 50 })).rejects.toMatchObject({
      code: "OV_ASK_TIMEOUT",
      message: `run ${runId} had not ended after 50 ms`,
    });

    await runtime.cancel(runId);
  });

  test("keeps its runs in a file, when it is given one, and holds it alone", async () => {
    await using folder = await openFolder();
    const store = join(folder.path, "deep", "runs.db");
    const runId = await (async () => {
      await using runtime = await createRuntime({ operators: [small], store });
      await expect(createRuntime({ operators: [small], store })).rejects.toMatchObject({ code: "OV_STORE_IN_USE" });
      const { runId, ended } = await runtime.activate(small, "add", {});
      await ended();
      return runId;
    })();

    await using runtime = await createRuntime({ operators: [small], store });

    expect(await runtime.find(runId)).toMatchObject({ status: "completed", output: { n: 1 } });
  });

  test("names a wrong variable before it opens anything", async () => {
    vi.stubEnv("OPENVIBE_SLOTS", "many");

    await expect(open()).rejects.toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: expect.stringMatching(/^OPENVIBE_SLOTS must be/) as string,
    });
  });
});
