import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createScripted } from "@openvibe/llm/scripted";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { createRuntime, type HookEvent, serve } from "./index.ts";
import { small } from "./small-operator.fixture.ts";
import { openFolder } from "./spawn-node.fixture.ts";

beforeEach(() => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const open = () => createRuntime({ operators: [small], llm: createScripted(() => "unused") });

describe("hooks of a runtime", () => {
  test("hear a run's events by type, in order, with what they hold", async () => {
    await using runtime = await open();
    const heard: string[] = [];
    const done = Promise.withResolvers<HookEvent<"run.completed">>();
    runtime.on("run.started", ({ runId }) => heard.push(`started ${runId}`));
    runtime.on("node.completed", ({ nodeId, data }) => heard.push(`${nodeId} ${data.duration_ms >= 0}`));
    runtime.on("count.shared", ({ data }) => heard.push(`shared ${JSON.stringify(data)}`));
    runtime.on("run.failed", () => heard.push("never"));
    runtime.on("run.completed", (event) => done.resolve(event));

    const { runId } = await runtime.activate(small, "share", { n: 7 });
    const { data, operatorId } = await done.promise;

    expect(heard).toEqual([`started ${runId}`, 'shared {"n":7}', "share true"]);
    expect([operatorId, data.output, data.metrics.nodes_executed]).toEqual(["small", { n: 7 }, 1]);
  });

  test("node.error is another name of node.failed; a prefix hears its own, and * all", async () => {
    await using runtime = await open();
    const failed: unknown[] = [];
    const all: string[] = [];
    runtime.on("node.error", ({ nodeId, data }) => failed.push(nodeId, data.error.code));
    const ends: string[] = [];
    runtime.on("*", ({ type }) => all.push(type));
    runtime.on("run.*", ({ type }) => ends.push(type));

    await (await runtime.activate(small, "fail", {})).ended();

    await vi.waitFor(() => expect(all).toEqual(["run.queued", "run.started", "node.failed", "run.failed"]));
    expect(failed).toEqual(["break", "OV_NODE_FAILED"]);
    expect(ends).toEqual(["run.queued", "run.started", "run.failed"]);
  });

  test("end with off, or when they are disposed of", async () => {
    await using runtime = await open();
    const heard: string[] = [];
    const hear = () => heard.push("off");
    runtime.on("run.completed", hear);
    runtime.on("run.completed", () => heard.push("stays"));
    const disposed = runtime.on("run.completed", () => heard.push("disposed"));

    runtime.off("run.completed", hear);
    disposed[Symbol.dispose]();
    await runtime.activate(small, "add", {});

    await vi.waitFor(() => expect(heard).toEqual(["stays"]));
  });

  test("that throw, at once or later, harm neither the run nor each other, and are told of", async () => {
    await using runtime = await open();
    const heard: string[] = [];
    const warned: string[] = [];
    const warn = (warning: Error) => warned.push(`${warning.name}: ${warning.message}`);
    process.on("warning", warn);
    runtime.on("run.completed", () => {
      throw new Error("at once");
    });
    runtime.on("run.completed", async () => {
      throw new Error("later");
    });
    runtime.on("run.completed", () => heard.push("heard"));

    const { output } = await (await runtime.activate(small, "add", {})).ended();

    await vi.waitFor(() => expect(warned).toHaveLength(2));
    process.off("warning", warn);
    expect([output.n, heard]).toEqual([1, ["heard"]]);
    expect(warned.toSorted()).toEqual(["at once", "later"].map((why) => `OpenVibeWarning: a handler of run.completed threw: ${why}`));
  });

  test("get data that was too large to travel with its event", async () => {
    const text = "x".repeat(100_000);
    await using runtime = await createRuntime({ operators: [small], llm: createScripted(() => text) });
    const done = Promise.withResolvers<HookEvent<"run.completed">>();
    runtime.on("run.completed", done.resolve);

    await runtime.activate(small, "greet", {});

    expect((await done.promise).data.output.greeting).toBe(text);
  });

  test.each([
    ["run.complete", 'did you mean "run.completed"?'],
    ["node.started", "live only"],
    ["Lead Qualified", "is no event type"],
    ["runs*", "is no event type"],
  ])("on(%j) is refused, for nothing would ever be heard", async (type, why) => {
    await using runtime = await open();

    expect(() => runtime.on(type, () => {})).toThrow(
      expect.objectContaining({ code: "OV_EVENT_TYPE_INVALID", message: expect.stringContaining(why) as string }),
    );
  });

  test("are typed by the event's name", async () => {
    await using runtime = await open();

    runtime.on("node.error", ({ data, nodeId }) => {
      expectTypeOf(data.error.code).toExtend<string>();
      expectTypeOf(nodeId).toEqualTypeOf<string>();
      // @ts-expect-error a failed node has no output
      return data.output;
    });
    // @ts-expect-error a run that is queued has no metrics
    runtime.on("run.queued", ({ data }) => data.metrics);
    runtime.on("lead.qualified", ({ data }) => expectTypeOf(data.score).toExtend<unknown>());
  });
});

test("of a runtime of YAML files may come before it starts, and go again", async () => {
  await using folder = await openFolder();
  const file = join(folder.path, "operators.yaml");
  await writeFile(
    file,
    "operators: [{ id: desk, name: Desk, workflows: [{ id: greet, nodes: [{ id: count, type: logic, writes: { n: integer } }] }] }]",
  );
  await using runtime = await createRuntime({ operators: [file] });
  const heard: string[] = [];
  const hear = () => heard.push("off");
  runtime.on("run.*", ({ type }) => heard.push(type));
  runtime.on("run.completed", hear);
  runtime.off("run.completed", hear);
  // @ts-expect-error plain JavaScript has no types
  expect(() => runtime.on("run.complete", hear)).toThrow("did you mean");

  runtime.handler("desk", "greet", "count", () => ({ n: 1 }));
  await runtime.activate("desk", "greet", {});

  await vi.waitFor(() => expect(heard).toEqual(["run.queued", "run.started", "run.completed"]));
});

test("a server has them as well", async () => {
  await using served = await serve(small, { port: 0, store: ":memory:", foreground: false });
  const done = Promise.withResolvers<string>();
  using _ = served.on("run.completed", ({ workflowId }) => done.resolve(workflowId));

  await fetch(`${served.url}/v1/operators/small/activate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ trigger: "add", input: {} }),
  });

  expect(await done.promise).toBe("add");
});
