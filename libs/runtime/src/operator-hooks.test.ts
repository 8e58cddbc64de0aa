/** `operator(id, { on })`: code of an operator's own that hears of its runs in the worker that commits. */
import { type Logger, type OpenVibeEvent, silentLogger } from "@openvibe/core";
import { type OperatorHooks as On, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FORMS } from "./forms-for-tests.ts";
import { OperatorHooks } from "./operator-hooks.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ n: z.number().default(0), ok: z.boolean().default(false) });
const asks = workflow("asks", { state: State })
  .node("count", (_, ctx) => {
    ctx.publish("count.shared", { n: 7 });
    return { n: 7 };
  })
  .human("ask", { prompt: "Shall we?", answer: ["ok"] });
const breaks = workflow("breaks", { state: State }).node("break", () => {
  throw new Error("broken");
});
const shop = (on: On) => operator("shop", { name: "Shop", workflows: [asks, breaks], on });

describe.each(FORMS)("in the form %s hooks of an operator", (form) => {
  test("hear in order, each once, what its worker commits, over a wait and in a second worker", async () => {
    await using world = openWorld({ form });
    const heard: string[] = [];
    const tell = ({ type, nodeId, sequence }: OpenVibeEvent) => heard.push(`${sequence} ${type}${nodeId === null ? "" : ` ${nodeId}`}`);
    const definition = shop({ "*": tell });
    const { stop } = await world.start([definition]);
    const runId = await world.accept(definition, "asks");
    await world.waiting(runId);
    await stop();
    await world.start([definition]);
    await world.answer(runId, { answer: { ok: true } });
    await world.ended(runId);

    await until(async () => expect(heard).toContain("7 run.completed"));
    expect(heard).toEqual([
      "1 run.started",
      "2 count.shared count",
      "3 node.completed count",
      "4 run.waiting ask",
      "6 node.completed ask",
      "7 run.completed",
    ]);
  });

  test("that have begun are waited for when their worker stops", async () => {
    await using world = openWorld({ form });
    const heard: string[] = [];
    const may = Promise.withResolvers<void>();
    const definition = shop({
      "run.failed": async () => {
        heard.push("begun");
        await may.promise;
        heard.push("ended");
      },
    });
    const { stop } = await world.start([definition]);
    await world.ended(await world.accept(definition, "breaks"));
    await until(async () => expect(heard).toEqual(["begun"]));

    const stopped = stop();
    setTimeout(may.resolve, 50); // behind the drain, which has nothing to wait for
    await stopped;

    expect(heard).toEqual(["begun", "ended"]);
  });

  test("that throw, hang, or change what they are given touch no run, and another operator's hear nothing", async () => {
    await using world = openWorld({ form });
    const heard: unknown[] = [];
    const hanging = Promise.withResolvers<void>();
    const definition = shop({
      "run.failed": () => {
        throw new Error("at once");
      },
      "node.error": async ({ data, nodeId }) => {
        heard.push([nodeId, data.error.code]);
        (data as { error: unknown }).error = "changed";
        await Promise.reject(new Error("later"));
      },
      "run.*": () => hanging.promise,
    });
    const other = operator("other", { name: "Other", workflows: [breaks], on: { "run.*": () => heard.push("other") } });
    await world.start([definition, other]);
    const runId = await world.accept(definition, "breaks");

    expect(await world.ended(runId)).toMatchObject({ status: "failed", error: { code: "OV_NODE_FAILED" } });
    await until(async () => expect((await world.told(runId)).map(({ type }) => type)).toContain("run.failed"));
    const failed = (await world.told(runId)).find(({ type }) => type === "node.failed");
    expect(failed?.data.error).toMatchObject({ code: "OV_NODE_FAILED" });
    expect(heard).toEqual([["break", "OV_NODE_FAILED"]]);
    hanging.resolve();
  });
});

describe("a handler", () => {
  const event: OpenVibeEvent = {
    id: "run_1:3",
    type: "run.completed",
    time: "2026-11-28T12:00:00.000Z",
    operatorId: "shop",
    workflowId: "w",
    runId: "run_1",
    nodeId: null,
    sequence: 3,
    data: {},
  };

  test("that hangs is given up and told so: its signal aborts, and a stop waits no longer", async () => {
    const logged: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (fields: unknown) => void logged.push(fields) };
    const hooks = new OperatorHooks({ logger, outside: (call) => call(), withinMs: 10 });
    let signal: AbortSignal | undefined;
    const call = (_: unknown, told: { signal: AbortSignal }) => {
      signal = told.signal;
      return new Promise(() => {});
    };

    hooks.tellerOf({ hooks: [{ type: "run.*", call }] })?.(event);
    await hooks.idle();

    expect(signal?.aborted).toBe(true);
    expect(logged).toMatchObject([{ event_type: "run.completed", run_id: "run_1", operator_id: "shop", err: { code: "OV_NODE_TIMEOUT" } }]);
  });

  test("is waited for by a stop", async () => {
    const hooks = new OperatorHooks({ logger: silentLogger, outside: (call) => call() });
    const done = Promise.withResolvers<void>();
    let ended = false;
    const call = async () => {
      await done.promise;
      ended = true;
    };

    hooks.tellerOf({ hooks: [{ type: "run.completed", call }] })?.(event);
    setImmediate(done.resolve);
    await hooks.idle();

    expect(ended).toBe(true);
  });

  test("costs nothing where there is none", () => {
    expect(new OperatorHooks({ logger: silentLogger, outside: (call) => call() }).tellerOf({})).toBeUndefined();
  });
});
