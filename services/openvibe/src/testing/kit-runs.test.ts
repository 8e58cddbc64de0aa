/** What a test can say, see and break besides time. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { end, loadOperators, OpenVibeError, operator, workflow } from "openvibe";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openFolder } from "../spawn-node.fixture.ts";
import { openTestKit } from "./index.ts";

const Lead = z.object({
  id: z.string().default(""),
  fit: z.number().default(0),
  text: z.string().default(""),
  approved: z.boolean().default(false),
});

const score = workflow("score", { state: Lead, triggers: { new_lead: "event:lead.found" } })
  .llm("rate", { model: "haiku", user: (s) => `Rate ${s.id}`, outputs: ["fit"], retries: { attempts: 2, backoff: 1 } })
  .node("tell", (s, ctx) => ctx.publish("lead.rated", { id: s.id, fit: s.fit }));
const ask = workflow("ask", { state: Lead })
  .node("think", async (s, ctx) => ({ text: (await ctx.llm({ model: "haiku", user: `Think of ${s.id}` })).content }))
  .node("inquire", async (s, ctx) => {
    const found = await ctx.ask<{ fit: number }>("intel.rate", { id: s.id });
    return { fit: found.fit };
  });
const approve = workflow("approve", { state: Lead })
  .human("board", { prompt: "Shall we?", answer: ["approved"], approvers: { of: ["ann", "bob"] } })
  .node("done", () => end());
const fleeting = workflow("fleeting", { state: Lead, checkpointed: false })
  .node("one", () => ({ fit: 1 }))
  .node("two", () => ({ fit: 2 }));
const sales = operator("sales", { name: "Sales", workflows: [score, ask, approve, fleeting] });

const review = workflow("review", { state: Lead, trigger: "event:sales:lead.rated" })
  .wait("a_day", "1d")
  .run("approval", { operator: "sales", workflow: "approve", input: (s) => ({ id: s.id }) })
  .node("close", (_s, ctx) => ctx.publish("lead.closed", {}));
const desk = operator("desk", { name: "Desk", workflows: [review] });

describe("replies", () => {
  const open = (replies: NonNullable<Parameters<typeof openTestKit>[0]["replies"]>) => openTestKit({ operators: [sales], replies });

  test("are taken one after the other from a list, an error among them; one more is refused", async () => {
    await using kit = await open({ rate: [new OpenVibeError("OV_LLM_UNAVAILABLE", "down"), { fit: 7 }] });

    expect((await (await kit.start(sales, "score", { id: "a" })).ended()).output.fit).toBe(7);
    expect(await (await kit.start(sales, "score", { id: "b" })).ended()).toMatchObject({
      status: "failed",
      error: {
        code: "OV_LLM_REQUEST_REFUSED",
        message: "the test has no reply left for rate: it was asked 3 times, and has 2",
        node_id: "rate",
      },
    });
    expect(kit.prompts.map(({ user, operatorId }) => [operatorId, user])).toEqual([
      ["sales", "Rate a"],
      ["sales", "Rate a"],
      ["sales", "Rate b"],
    ]);
  });

  test("are made by a function of the prompt, of the operator's own step before a step of any", async () => {
    await using kit = await open({ think: ({ user, runId }) => `${user}, ${runId}`, rate: "no JSON", "sales.rate": '{"fit": 3}' });

    const run = await kit.start(sales, "ask", { id: "a" });
    await run.ended();

    expect(kit.prompts).toMatchObject([{ nodeId: "think", runId: run.runId }]);
    expect((await (await kit.start(sales, "score", {})).ended()).output.fit).toBe(3);
  });

  test("that are missing fail the run, and say what there is", async () => {
    await using kit = await open({ think: "hm" });

    expect(await (await kit.start(sales, "score", {})).ended()).toMatchObject({
      error: { code: "OV_LLM_REQUEST_REFUSED", message: "the test has no reply for step rate of sales; there are some for think" },
    });
  });

  test("for no step, or that are none, are refused when the kit is opened", async () => {
    await expect(open({ rat: "7" })).rejects.toMatchObject({
      code: "OV_DEFINITION_INVALID",
      message: expect.stringContaining('no step "rat"; did you mean "rate"') as string,
    });
    await expect(open({ rate: 7 as unknown as string })).rejects.toMatchObject({
      code: "OV_DEFINITION_INVALID",
      message: expect.stringContaining("replies.rate: allowed is a text") as string,
    });
  });
});

describe("runs", () => {
  test("that events and other runs start are found, waited for and answered like one's own", async () => {
    await using kit = await openTestKit({ operators: [sales, desk], replies: { rate: { fit: 90 } } });

    await kit.publish("lead.found", { id: "ada" });
    await kit.skip("1d");
    const [approval] = await kit.runs({ operatorId: "sales", workflowId: "approve" });
    const [started] = await kit.runs({ operatorId: "desk" });
    expect([approval?.parentRunId, approval?.input]).toEqual([started?.runId, { id: "ada" }]);
    const run = kit.run(approval?.runId ?? "");
    await expect(run.answer({ approved: true })).rejects.toMatchObject({ code: "OV_ANSWER_INVALID" });
    await run.answer({ approved: true }, { by: "ann" });
    await run.answer({ approved: true }, { by: "bob" });
    await kit.settled();

    expect((await kit.runs()).map(({ workflowId, status }) => [workflowId, status])).toEqual([
      ["score", "completed"],
      ["review", "completed"],
      ["approve", "completed"],
    ]);
    expect((await kit.events("lead.*")).map(({ type, operatorId }) => [type, operatorId])).toEqual([
      ["lead.found", null],
      ["lead.rated", "sales"],
      ["lead.closed", "desk"],
    ]);
  });

  test("say how they stand when what is waited for does not come", async () => {
    await using kit = await openTestKit({ operators: [sales, desk], replies: { rate: { fit: 1 } }, timeoutMs: 100 });
    const asked = await kit.start(sales, "approve");
    await expect(asked.ended()).rejects.toMatchObject({
      code: "OV_ASK_TIMEOUT",
      message: `run ${asked.runId} (sales.approve) is waiting at board after 100 ms: it waits for run.answer(…)`,
    });

    const timed = await kit.start(desk, "review");
    await expect(timed.ended()).rejects.toMatchObject({
      message: expect.stringMatching(/is waiting at a_day after 100 ms: it waits until .*Z, which kit\.skip\(…\) lets come$/) as string,
    });
    await expect(timed.answer({ approved: true })).rejects.toMatchObject({
      code: "OV_ASK_TIMEOUT",
      message: expect.stringContaining("does not wait for an answer") as string,
    });

    const over = await kit.start(sales, "score");
    await over.ended();
    await expect(over.waiting()).rejects.toMatchObject({ code: "OV_RUN_NOT_WAITING" });
    await expect(kit.run("run_none").ended()).rejects.toMatchObject({ code: "OV_RUN_NOT_FOUND" });
  });

  test("are typed by the operator", async () => {
    await using kit = await openTestKit({ operators: [sales], replies: { rate: { fit: 1 } } });
    const typed = async () => {
      // @ts-expect-error there is no such workflow
      await kit.start(sales, "scor");
      // @ts-expect-error there is no such field
      await kit.start(sales, "score", { nme: "" });
      const run = await kit.start(sales, "score", { id: "a" });
      // @ts-expect-error an answer has the state's fields
      await run.answer({ approvd: true });
      return (await run.ended()).output.fit satisfies number | undefined;
    };
    expect(typed).toBeTypeOf("function");
  });
});

describe("what operators ask", () => {
  test("is kept, with the answer of the test or the error", async () => {
    const answers = { "intel.rate": (body: unknown) => ({ fit: JSON.stringify(body).length }) };
    await using kit = await openTestKit({ operators: [sales], replies: { think: "hm" }, answers });
    const run = await kit.start(sales, "ask", { id: "a" });

    expect((await run.ended()).output).toMatchObject({ text: "hm", fit: 10 });
    expect(kit.asks).toEqual([
      { capability: "intel.rate", body: { id: "a" }, operatorId: "sales", runId: run.runId, nodeId: "inquire", reply: { fit: 10 } },
    ]);

    await using alone = await openTestKit({ operators: [sales], replies: { think: "hm" } });
    expect(await (await alone.start(sales, "ask")).ended()).toMatchObject({ error: { code: "OV_NO_RESPONDER" } });
    expect(alone.asks).toMatchObject([{ capability: "intel.rate", error: { code: "OV_NO_RESPONDER" } }]);
  });
});

describe("a worker that is killed", () => {
  test("runs nothing again that was committed, and begins no step more", async () => {
    await using kit = await openTestKit({ operators: [sales], replies: { rate: { fit: 1 } } });
    kit.killAfter("rate");
    const [first, second] = [await kit.start(sales, "score"), await kit.start(sales, "score")];

    const ended = [await first.ended(), await second.ended()];

    expect(ended.map(({ status }) => status)).toEqual(["completed", "completed"]);
    expect(Math.max(...ended.map(({ attempt }) => attempt))).toBe(2);
    expect(kit.prompts.length).toBeLessThanOrEqual(3); // the other one may have been under way
    const told = await kit.events("lead.rated");
    expect(told.map(({ runId }) => runId).toSorted()).toEqual([first.runId, second.runId].toSorted());
  });

  test("dies in each pass of a loop for which it was said, and with the last step of a run, whose events are told all the same", async () => {
    const Count = z.object({ n: z.number().default(0), attempts: z.array(z.number()).default([]) });
    const loop = workflow("loop", { state: Count })
      .loop("all", { while: (s) => s.n < 4, maxIterations: 9 }, (pass) =>
        pass.node("add", (s, ctx) => ({ n: s.n + 1, attempts: [...s.attempts, ctx.attempt] })),
      )
      .node("tell", (_s, ctx) => ctx.publish("count.over", {}));
    const count = operator("count", { name: "Count", workflows: [loop] });
    await using kit = await openTestKit({ operators: [count] });
    for (const step of ["add", "add", "tell"]) kit.killAfter(step);

    const run = await kit.start(count, "loop");

    expect(await run.ended()).toMatchObject({ attempt: 3, output: { n: 4, attempts: [1, 2, 3, 3] } });
    expect((await kit.events("node.completed")).map(({ nodeId }) => nodeId)).toEqual([
      ...Array.from({ length: 4 }, () => ["all", "add"]).flat(),
      "all",
      "tell",
    ]);
    expect(await kit.events("count.over")).toHaveLength(1);
  });

  test("takes the step with it that another run was in: that runs again", async () => {
    const begun: number[] = [];
    const gate = Promise.withResolvers<void>();
    const slow = workflow("slow", { state: Lead }).node("wait", async (_s, { attempt }) => {
      begun.push(attempt);
      await gate.promise;
    });
    const quick = workflow("quick", { state: Lead }).node("go", () => {});
    const both = operator("both", { name: "Both", workflows: [slow, quick] });
    await using kit = await openTestKit({ operators: [both] });
    kit.killAfter("go");
    const run = await kit.start(both, "slow");
    await expect.poll(() => begun).toEqual([1]);

    await (await kit.start(both, "quick")).ended(); // at this moment the worker is dead
    gate.resolve();

    expect(await run.ended()).toMatchObject({ status: "completed", attempt: 2 });
    expect(begun).toEqual([1, 2]);
  });

  test("has only the end of a run to die behind, where that keeps no steps", async () => {
    await using kit = await openTestKit({ operators: [sales] });
    kit.killAfter("one");

    const run = await kit.start(sales, "fleeting");

    expect(await run.ended()).toMatchObject({ status: "completed", attempt: 1 });
  });

  test("dies behind a step that there is", async () => {
    await using kit = await openTestKit({ operators: [sales] });

    expect(() => kit.killAfter("ratee")).toThrow(
      expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringContaining('did you mean "rate"') as string }),
    );
  });
});

test("operators of a YAML file are run by their ids", async () => {
  await using folder = await openFolder();
  const file = join(folder.path, "operators.yaml");
  const nodes = "[{ id: text, type: llm, model: haiku, prompt: 'Hello {{name}}' }, { id: cool_down, type: wait, duration: 3d }]";
  await writeFile(file, `operators: [{ id: desk, name: Desk, workflows: [{ id: greet, nodes: ${nodes} }] }]`);
  await using kit = await openTestKit({ operators: await loadOperators(file), replies: { text: "Hi!" } });

  const run = await kit.start("desk", "greet", { name: "Ann" });
  await kit.skip("3d");

  expect((await run.ended()).output).toEqual({ name: "Ann", text: "Hi!" });
  expect(kit.prompts).toMatchObject([{ user: "Hello Ann", nodeId: "text" }]);
});

test("servers are named together, or not at all", async () => {
  process.env.OPENVIBE_TEST_NATS_URL = "nats://127.0.0.1:1";
  try {
    await expect(openTestKit({ operators: [sales] })).rejects.toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: expect.stringContaining("go together") as string,
    });
  } finally {
    delete process.env.OPENVIBE_TEST_NATS_URL;
  }
});
