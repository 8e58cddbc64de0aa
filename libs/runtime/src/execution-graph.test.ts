/** LangGraph graphs as steps: durable, asking people, telling what they do. */
import { setTimeout as sleep } from "node:timers/promises";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Annotation, Command, interrupt, MemorySaver, MessagesAnnotation, Send, StateGraph } from "@langchain/langgraph";
import { type LiveEvent, type NodeContext, silentLogger } from "@openvibe/core";
import { type AnyWorkflow, goto, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal, storeIsAway, withFaults } from "./faults-for-tests.ts";
import { FORMS, runInBothForms } from "./forms-for-tests.ts";
import { silentObserver } from "./observer.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const Topic = Annotation.Root({
  topic: Annotation<string>,
  notes: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
  answer: Annotation<string>,
});
const State = z.object({
  topic: z.string().default("bees"),
  answer: z.string().default(""),
  notes: z.array(z.string()).default([]),
  result: z.unknown(),
  turns: z.number().default(0),
});
const desk = (...workflows: AnyWorkflow[]) => operator("desk", { name: "Desk", workflows });
const research = () => workflow("research", { state: State });

/** A graph of two nodes in a row; `calls` counts their runs. */
const twoNodes = (calls: string[] = [], between: () => Promise<unknown> = async () => {}) =>
  new StateGraph(Topic)
    .addNode("plan", ({ topic }) => {
      calls.push("plan");
      return { notes: [`plan ${topic}`] };
    })
    .addNode("write", async ({ notes }) => {
      calls.push("write");
      await between();
      return { answer: notes.join(), notes: ["written"] };
    })
    .addEdge("__start__", "plan")
    .addEdge("plan", "write")
    .addEdge("write", "__end__")
    .compile();

const ctxOf = ({ configurable = {} }: { configurable?: Record<string, unknown> }) => configurable.openvibe as NodeContext;

/** A graph whose one node is this function. */
const oneNode = (
  run: (state: typeof Topic.State, config: { configurable?: Record<string, unknown>; writer?: (chunk: unknown) => void }) => unknown,
) =>
  new StateGraph(Topic)
    .addNode("only", run as never)
    .addEdge("__start__", "only")
    .compile();

/** A model that always says the same message, with what it used. */
class SaidModel extends BaseChatModel {
  readonly #said: AIMessage;
  constructor({ said }: { said: AIMessage }) {
    super({});
    this.#said = said;
  }
  _llmType() {
    return "said";
  }
  async _generate() {
    return { generations: [{ text: this.#said.text, message: this.#said }] };
  }
}

const checkpointsOf = (world: World, runId: string) => world.store.checkpoints.list(runId);

describe("a brought graph", () => {
  test("gives its fields to the state's fields of the same names", async () => {
    const { status, output, metrics } = await runInBothForms({ workflow: research().graph("dig", twoNodes()), input: { topic: "ants" } });

    expect([status, output]).toEqual(["completed", { topic: "ants", answer: "plan ants", notes: ["plan ants", "written"] }]);
    expect(metrics.nodes_executed).toBe(1);
  });

  test("is begun with what input gives, and gives what output makes of its result", async () => {
    const chain = research()
      .node("before", () => ({ turns: 2 }))
      .graph("dig", twoNodes(), {
        input: async (s) => ({ topic: `${s.topic} ${s.turns}` }),
        output: (result, s) => ({ answer: `${s.topic}: ${result.answer}`, turns: result.notes.length }),
      })
      .graph("again", twoNodes(), { output: "result" });

    const { output } = await runInBothForms({ workflow: chain });

    expect(output).toEqual({
      turns: 2,
      answer: "bees: plan bees 2",
      result: { topic: "bees", answer: "plan bees", notes: ["plan bees", "written"] },
    });
  });

  test("may change in place what it is given, and our state does not follow", async () => {
    const graph = new StateGraph(Annotation.Root({ bag: Annotation<string[]>, answer: Annotation<string> }))
      .addNode("only", ({ bag }) => {
        bag.push("pushed");
        return { answer: bag.join() };
      })
      .addEdge("__start__", "only")
      .compile();
    const chain = research()
      .graph("dig", graph, { input: (s) => ({ bag: s.notes }), output: ({ answer }) => ({ answer }) })
      .node("look", (s) => ({ turns: s.notes.length }));

    expect((await runInBothForms({ workflow: chain, input: { notes: ["first"] } })).output).toEqual({
      notes: ["first"],
      answer: "first,pushed",
      turns: 1,
    });
  });

  test("finds the step's context in its config", async () => {
    const graph = oneNode((_, config) => {
      const ctx = ctxOf(config);
      ctx.publish("note.taken", { key: ctx.effectKey.split(":").slice(1).join(":") });
      return { answer: "noted" };
    });

    const { events } = await runInBothForms({ workflow: research().graph("dig", graph) });

    expect(events.find(({ type }) => type === "note.taken")?.data).toEqual({ key: "dig:0" });
  });

  test.each(FORMS)("is no part of the graph that runs the steps, and leaves nothing behind (%s)", async (form) => {
    let world: World;
    let seen: readonly { threadId: string; namespace: string }[] = [];
    const own = new MemorySaver();
    const inner = new StateGraph(Topic)
      .addNode("only", async (_, config) => {
        const runId = String(config.configurable?.thread_id).split(":")[0] ?? "";
        seen = await checkpointsOf(world, runId);
        return { answer: "found" };
      })
      .addEdge("__start__", "only")
      .compile({ checkpointer: own });
    const definition = desk(research().graph("dig", inner));
    world = openWorld({ form });
    await using _world = world;
    await world.start([definition]);
    const runId = await world.accept(definition, "research");

    expect((await world.ended(runId)).output).toMatchObject({ answer: "found" });

    expect(new Set(seen.map(({ threadId, namespace }) => `${threadId} in "${namespace}"`))).toEqual(new Set([`${runId}:dig:0:0 in ""`]));
    await until(async () => expect(await checkpointsOf(world, runId)).toEqual([]));
    expect(await world.store.checkpoints.writes(runId)).toEqual([]);
    expect(own.storage).toEqual({});
  });

  test("is no part either of a graph that whoever started the worker stands in", async () => {
    const definition = desk(
      research().graph(
        "dig",
        oneNode(() => ({ answer: String(interrupt("Good?")) })),
      ),
    );
    const own = new MemorySaver();
    const around = new StateGraph(Topic)
      .addNode("only", async () => {
        await using world = openWorld();
        await world.start([definition]);
        const runId = await world.accept(definition, "research");
        await world.waiting(runId);
        await world.answer(runId, { answer: { value: "good" } });
        return { answer: String((await world.ended(runId)).output.answer) };
      })
      .addEdge("__start__", "only")
      .compile({ checkpointer: own });

    const result = await around.invoke({ topic: "bees" }, { configurable: { thread_id: "around" } });

    expect(result).toMatchObject({ answer: "good" });
    expect(Object.keys(own.storage.around ?? {})).toEqual([""]);
  });

  test("begins anew in each pass of a loop, and where a node goes back to it", async () => {
    const calls: string[] = [];
    const chain = research()
      .loop("rounds", { while: (s) => s.turns < 2, maxIterations: 5 }, (body) =>
        body.graph("dig", twoNodes(calls), { output: (result, s) => ({ turns: s.turns + result.notes.length / 2 }) }),
      )
      .graph("last", twoNodes(calls), { output: (result, s) => ({ turns: s.turns + result.notes.length / 2 }) })
      .node("back", (s) => (s.turns < 5 ? goto("last") : {}));

    const { output } = await runInBothForms({ workflow: chain });

    expect(output).toEqual({ turns: 5 });
    expect(calls).toEqual(Array.from({ length: 10 }, () => ["plan", "write"]).flat()); // five a form
  });

  test("begins anew where it is come back to, also when what it left behind could not be deleted", async () => {
    const calls: string[] = [];
    const chain = research()
      .graph("dig", twoNodes(calls), { output: (_, s) => ({ turns: s.turns + 1 }) })
      .node("back", (s) => (s.turns < 2 ? goto("dig") : {}));
    const definition = desk(chain);
    await using world = openWorld();
    const checkpoints = { ...world.store.checkpoints, deleteThread: async () => storeIsAway() };
    await world.start([definition], { store: { ...world.store, checkpoints } });

    const runId = await world.accept(definition, "research");

    expect((await world.ended(runId)).output).toEqual({ turns: 2 });
    expect(calls).toEqual(["plan", "write", "plan", "write"]);
    expect(new Set((await checkpointsOf(world, runId)).map(({ threadId }) => threadId)).size).toBe(2);
  });

  test("that fails fails the run, naming its node", async () => {
    const graph = new StateGraph(Topic)
      .addNode(
        "outer",
        oneNode(() => Promise.reject(new Error("no bees left"))),
      )
      .addEdge("__start__", "outer")
      .compile();

    const { status, error } = await runInBothForms({ workflow: research().graph("dig", graph) });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_NODE_FAILED", message: "the graph's node outer > only failed: no bees left", node_id: "dig" });
  });

  test("whose state cannot be kept fails the run with the path", async () => {
    const { error } = await runInBothForms({
      workflow: research().graph(
        "dig",
        oneNode(() => ({ notes: [() => 1] })),
      ),
    });

    expect(error).toMatchObject({ code: "OV_PATCH_INVALID", message: expect.stringContaining("notes[0]: a function cannot be kept") });
  });

  test("that takes more supersteps than it may fails the run", async () => {
    const graph = new StateGraph(Topic)
      .addNode("again", () => ({ notes: ["once more"] }))
      .addEdge("__start__", "again")
      .addConditionalEdges("again", () => "again", ["again"])
      .compile();

    const { error } = await runInBothForms({ workflow: research().graph("dig", graph, { recursionLimit: 7 }) });

    expect(error).toMatchObject({ code: "OV_NODE_FAILED", message: expect.stringContaining("Recursion limit of 7") });
  });

  test.each(["cancel", "timeout"])("is aborted by a %s", async (by) => {
    const aborted = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    const graph = new StateGraph(Topic)
      .addNode("only", async (_, { signal }) => {
        signal?.addEventListener("abort", () => aborted.resolve());
        inside.resolve();
        await new Promise(() => {});
      })
      .addEdge("__start__", "only")
      .compile();
    const definition = desk(research().graph("dig", graph, by === "timeout" ? { timeout: 20 } : {}));
    await using world = openWorld();
    const { engine: _, ...started } = await world.start([definition]);
    const runId = await world.accept(definition, "research");
    await inside.promise;
    if (by === "cancel") {
      const event = { type: "run.cancelled", time: "2026-11-28T08:00:00.000Z", data: {} };
      await world.store.runs.cancel({ operatorId: "desk", runId, event });
      world.bus.signals.control({ operatorId: "desk", verb: "cancel", runId, body: {} });
    }

    await aborted.promise;

    expect((await world.ended(runId)).status).toBe(by === "cancel" ? "cancelled" : "failed");
    await started.stop();
  });

  test("waits out an outage of the store", async () => {
    const definition = desk(research().graph("dig", twoNodes()));
    await using world = openWorld();
    const { checkpoints } = world.store;
    let away = 2;
    const put: typeof checkpoints.put = async (...given) => {
      if (away-- > 0) storeIsAway();
      return await checkpoints.put(...given);
    };
    await world.start([definition], { store: { ...world.store, checkpoints: { ...checkpoints, put } } });

    const { status } = await world.ended(await world.accept(definition, "research"));

    expect([status, away < 0]).toEqual(["completed", true]);
  });
});

test("a worker that stops has no time for the graph: it is aborted, and goes on elsewhere at its last checkpoint", async () => {
  const calls: string[] = [];
  const inside = Promise.withResolvers<void>();
  let stopped = false;
  const graph = twoNodes(calls, async () => {
    inside.resolve();
    if (!stopped) await new Promise(() => {});
  });
  const definition = desk(research().graph("dig", graph));
  await using world = openWorld();
  const first = await world.start([definition], { drainTimeoutMs: 20 });
  const runId = await world.accept(definition, "research");
  await inside.promise;

  await first.stop();
  stopped = true;
  await world.start([definition]);

  expect((await world.ended(runId)).output).toMatchObject({ answer: "plan bees" });
  expect(calls).toEqual(["plan", "write", "write"]);
});

describe("after a crash", () => {
  test("the graph goes on at its last checkpoint: no node of it that had finished runs again", async () => {
    const calls: string[] = [];
    const inside = Promise.withResolvers<void>();
    let dead = false;
    const graph = twoNodes(calls, async () => {
      inside.resolve();
      if (!dead) await new Promise(() => {});
    });
    const definition = desk(
      research().graph("dig", graph, {
        input: (s) => {
          calls.push("input");
          return { topic: s.topic };
        },
      }),
    );
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "research");
    await inside.promise;

    await first.kill();
    dead = true;
    await world.start([definition]);

    expect((await world.ended(runId)).output).toMatchObject({ answer: "plan bees", notes: ["plan bees", "written"] });
    expect(calls).toEqual(["input", "plan", "write", "write"]);
  });

  test("the graph of one who was only thought dead keeps nothing more, and none of its nodes runs", async () => {
    const calls: string[] = [];
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const graph = new StateGraph(Topic)
      .addNode("plan", async (_, config) => {
        const { attempt } = ctxOf(config);
        inside.resolve();
        if (attempt === 1) await leave.promise;
        return { notes: [`plan of attempt ${attempt}`] };
      })
      .addNode("write", (_, config) => {
        calls.push(`write ${ctxOf(config).attempt}`);
        return {};
      })
      .addEdge("__start__", "plan")
      .addEdge("plan", "write")
      .compile();
    const definition = desk(research().graph("dig", graph));
    await using world = openWorld();
    const over = Promise.withResolvers<void>();
    const observer = { ...silentObserver, activationsInflight: (change: number) => void (change < 0 && over.resolve()) };
    const slow = await world.start([definition], { observer });
    const runId = await world.accept(definition, "research");
    await inside.promise;
    await using _successor = await world.store.workers.beat({ owner: "successor", logger: silentLogger });
    world.store.database.prepare("DELETE FROM workers WHERE owner = ?").run(slow.engine.owner);
    expect((await world.store.runs.claim({ runId, wake: 0, owner: "successor" })).claimed?.run.attempt).toBe(2);
    const before = [await checkpointsOf(world, runId), await world.store.checkpoints.writes(runId)];

    leave.resolve();
    await over.promise;
    const after = [await checkpointsOf(world, runId), await world.store.checkpoints.writes(runId)];
    await slow.stop();
    world.store.database.prepare("DELETE FROM workers WHERE owner = 'successor'").run();
    await world.start([definition]);

    expect((await world.ended(runId)).output).toMatchObject({ notes: ["plan of attempt 3"] });
    expect(after).toEqual(before);
    expect(calls).toEqual(["write 3"]);
  });

  test("its messages are messages again, and what only looks like one is not", async () => {
    const lookalike = { lc: 1, type: "constructor", id: ["langchain_core", "messages", "HumanMessage"], kwargs: { content: "x" } };
    const inside = Promise.withResolvers<void>();
    let dead = false;
    const Chat = Annotation.Root({ ...MessagesAnnotation.spec, found: Annotation<unknown>, said: Annotation<string> });
    const graph = new StateGraph(Chat)
      .addNode("ask", () => ({ messages: [new AIMessage({ content: "which?", id: "a1" })], found: lookalike }))
      .addNode("tell", async ({ messages, found }) => {
        inside.resolve();
        if (!dead) await new Promise(() => {});
        const kinds = messages.map((message) => `${message instanceof HumanMessage} ${message instanceof AIMessage} ${message.text}`);
        return { said: `${kinds.join(", ")}; ${JSON.stringify(found) === JSON.stringify(lookalike)}` };
      })
      .addEdge("__start__", "ask")
      .addEdge("ask", "tell")
      .compile();
    const chain = research().graph("chat", graph, {
      input: (s) => ({ messages: [new HumanMessage(s.topic)] }),
      output: ({ said }) => ({ answer: said }),
    });
    const definition = desk(chain);
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "research");
    await inside.promise;

    await first.kill();
    dead = true;
    await world.start([definition]);

    expect((await world.ended(runId)).output.answer).toBe("true false bees, false true which?; true");
  });
});

describe("a graph's question", () => {
  const asking = (calls: string[] = []) =>
    new StateGraph(Topic)
      .addNode("draft", () => {
        calls.push("draft");
        return { notes: ["draft"] };
      })
      .addNode("review", ({ notes }) => {
        calls.push("review");
        const answer = interrupt({ question: "Good?", notes }) as { verdict: string };
        return { answer: answer.verdict };
      })
      .addEdge("__start__", "draft")
      .addEdge("draft", "review")
      .compile();

  test.each(FORMS)("makes the run wait for an answer, with which it goes on (%s)", async (form) => {
    const calls: string[] = [];
    const definition = desk(research().graph("dig", asking(calls)));
    await using world = openWorld({ form });
    await world.start([definition]);
    const runId = await world.accept(definition, "research");

    const { interrupt: asked } = await world.waiting(runId);
    expect(asked).toMatchObject({
      kind: "human",
      node_id: "dig",
      data: {
        prompt: '{"question":"Good?","notes":["draft"]}',
        value: { question: "Good?", notes: ["draft"] },
        schema: { type: "object" },
      },
    });
    expect(await world.answer(runId, { answer: { verdict: "fine" } })).toBe(true);

    expect((await world.ended(runId)).output).toMatchObject({ answer: "fine", notes: ["draft"] });
    expect(calls).toEqual(["draft", "review", "review"]);
    const types = (await world.told(runId)).map(({ type }) => type);
    expect(types).toEqual(["run.queued", "run.started", "run.waiting", "run.resumed", "node.completed", "run.completed"]);
  });

  test("is answered with a bare value by the one member value, of the form that the graph or the step says", async () => {
    const words = oneNode(() => ({ answer: interrupt("Which word?", { responseSchema: z.enum(["ant", "bee"]) }) }));
    const chain = research()
      .graph("first", words)
      .graph(
        "second",
        oneNode(() => ({ notes: [String(interrupt("How many?"))] })),
        { answer: z.number() },
      );
    const definition = desk(chain);
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "research");
    const schemaOf = (value: object) => ({ type: "object", properties: { value }, required: ["value"], additionalProperties: false });

    expect((await world.waiting(runId)).interrupt?.data).toMatchObject({
      prompt: "Which word?",
      schema: schemaOf({ type: "string", enum: ["ant", "bee"] }),
    });
    await world.answer(runId, { answer: { value: "bee" } });
    expect((await world.waiting(runId, 1)).interrupt).toMatchObject({ node_id: "second", data: { schema: schemaOf({ type: "number" }) } });
    await world.answer(runId, { answer: { value: 0 } });

    expect((await world.ended(runId)).output).toMatchObject({ answer: "bee", notes: ["0"] });
  });

  test("of several at once is asked one by one, each answer to its own", async () => {
    const graph = new StateGraph(Topic)
      .addNode("split", () => ({}))
      .addNode("ask", ({ topic }) => ({ notes: [`${topic}: ${(interrupt(topic) as { by: string }).by}`] }))
      .addEdge("__start__", "split")
      .addConditionalEdges("split", () => ["red", "green", "blue"].map((topic) => new Send("ask", { topic })), ["ask"])
      .compile();
    const definition = desk(research().graph("dig", graph));
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "research");

    const ids = new Set<unknown>();
    for (const wake of [0, 1, 2]) {
      const { interrupt: asked } = await world.waiting(runId, wake);
      ids.add(asked?.data.interrupt_id);
      await world.answer(runId, { answer: { by: `said to ${String(asked?.data.prompt)}` } });
    }

    const { output } = await world.ended(runId);
    expect(ids.size).toBe(3);
    expect((output.notes as string[]).toSorted()).toEqual(["blue: said to blue", "green: said to green", "red: said to red"]);
  });

  test("after a question of the same node, and of a graph within the graph, has its own answer", async () => {
    const within = oneNode(() => ({ notes: [`${String(interrupt("one?"))} ${String(interrupt("two?"))}`] }));
    const graph = new StateGraph(Topic)
      .addNode("outer", within)
      .addNode("after", () => ({ answer: String(interrupt("three?")) }))
      .addEdge("__start__", "outer")
      .addEdge("outer", "after")
      .compile();
    const definition = desk(research().graph("dig", graph));
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "research");

    for (const [wake, question] of ["one?", "two?", "three?"].entries()) {
      expect((await world.waiting(runId, wake)).interrupt?.data.prompt).toBe(question);
      await world.answer(runId, { answer: { value: question.toUpperCase() } });
    }

    expect((await world.ended(runId)).output).toMatchObject({ notes: ["ONE? TWO?"], answer: "THREE?" });
  });

  test("keeps its answer over a crash, and the next question does not get it", async () => {
    const inside = Promise.withResolvers<void>();
    const calls: string[] = [];
    let dead = false;
    const graph = new StateGraph(Topic)
      .addNode("ask", () => ({ notes: [String(interrupt("first?"))] }))
      .addNode("work", async () => {
        calls.push("work");
        inside.resolve();
        if (!dead) await new Promise(() => {});
        return {};
      })
      .addNode("again", () => ({ answer: String(interrupt("second?")) }))
      .addEdge("__start__", "ask")
      .addEdge("ask", "work")
      .addEdge("work", "again")
      .compile();
    const definition = desk(research().graph("dig", graph));
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "research");
    await world.waiting(runId);
    await world.answer(runId, { answer: { value: "one" } });
    await inside.promise;

    await first.kill();
    dead = true;
    await world.start([definition]);

    expect((await world.waiting(runId, 1)).interrupt?.data.prompt).toBe("second?");
    await world.answer(runId, { answer: { value: "two" } });
    expect((await world.ended(runId)).output).toMatchObject({ notes: ["one"], answer: "two" });
    expect(calls).toEqual(["work", "work"]);
  });

  test("does not get the answer to the one before it in its node, when the worker dies between them", async () => {
    const graph = oneNode(() => ({ notes: [String(interrupt("first?"))], answer: String(interrupt("second?")) }));
    const definition = desk(research().graph("dig", graph));
    await using world = openWorld({ holdMs: 100 });
    const parking = Promise.withResolvers<void>();
    const dead = Promise.withResolvers<void>();
    // Dies when the second question stands in the graph's checkpoint and is not yet the run's.
    const dying = withFaults(world.store, {
      before: async (name, { status, step }) => {
        if (name !== "write" || status !== "waiting" || step !== 2) return;
        parking.resolve();
        await dead.promise;
        storeIsAway();
      },
    });
    using first = mortal({ store: dying, bus: world.bus });
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "research");
    await world.waiting(runId);
    await world.answer(runId, { answer: { value: "one" } });
    await parking.promise;

    await first.kill();
    dead.resolve();
    await world.start([definition]);

    expect((await world.waiting(runId, 1)).interrupt?.data.prompt).toBe("second?");
    await world.answer(runId, { answer: { value: "two" } });
    expect((await world.ended(runId)).output).toMatchObject({ notes: ["one"], answer: "two" });
  });

  test("does not repeat what its node has done once", async () => {
    let mails = 0;
    const graph = oneNode(async (_, config) => {
      const mail = await ctxOf(config).once("mail", () => `mail ${++mails}`);
      return { answer: `${mail} ${String(interrupt("Read?"))} ${String(interrupt("Sure?"))}` };
    });
    const definition = desk(research().graph("dig", graph, { when: (s) => s.topic !== "none" }));
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "research");

    for (const [wake, value] of ["yes", "quite"].entries()) {
      await world.waiting(runId, wake);
      await world.answer(runId, { answer: { value } });
    }

    expect((await world.ended(runId)).output.answer).toBe("mail 1 yes quite");
    const passedOver = await world.ended(await world.accept(definition, "research", { topic: "none" }));
    expect([passedOver.status, passedOver.output]).toEqual(["completed", { topic: "none" }]);
  });

  test("that nobody answers in time is answered by the default, else the run fails", async () => {
    const graph = oneNode(() => ({ answer: String(interrupt("Good?")) }));
    const definition = desk(
      research().graph("dig", graph, { answerTimeout: 1, answerDefault: "nobody said" }),
      workflow("strict", { state: State }).graph("dig", graph, { answerTimeout: 1 }),
    );
    await using world = openWorld();
    await world.start([definition]);
    const runIds = [await world.accept(definition, "research"), await world.accept(definition, "strict")];
    for (const runId of runIds) expect((await world.waiting(runId)).interrupt?.data.deadline).toMatch(/Z$/);

    let woken = 0;
    await until(async () => {
      woken += await world.wakeDue();
      expect(woken).toBe(2);
    });

    const [answered, failed] = await Promise.all(runIds.map((runId) => world.ended(runId)));
    expect(answered?.output.answer).toBe("nobody said");
    expect(failed?.error).toMatchObject({ code: "OV_ANSWER_TIMEOUT", node_id: "dig" });
  });

  test("that is no JSON fails the run with the path", async () => {
    const { error } = await runInBothForms({
      workflow: research().graph(
        "dig",
        oneNode(() => interrupt({ at: [new Date()] })),
      ),
    });

    expect(error).toMatchObject({ code: "OV_PATCH_INVALID", message: expect.stringContaining("interrupt(value) at /at/0") });
  });
});

describe("whoever listens", () => {
  test("hears what the graph's nodes do, write and say", async () => {
    const graph = new StateGraph(Topic)
      .addNode(
        "outer",
        oneNode((_, { writer }) => {
          writer?.({ percent: 50 });
          writer?.({ when: new Date(0) });
          return { answer: "done" };
        }),
      )
      .addNode("chat", () => new Command({ update: { notes: [new AIMessage("hello there")] } }))
      .addEdge("__start__", "outer")
      .addEdge("outer", "chat")
      .compile();
    const definition = desk(research().graph("dig", graph, { output: ({ answer }) => ({ answer }) }));
    await using world = openWorld();
    const live: LiveEvent[] = [];
    using _listening = await world.bus.signals.onLive({ operatorId: "desk" }, (event) => void live.push(event));
    await world.start([definition]);
    await world.told(await world.accept(definition, "research"));

    await until(() => expect(live.at(-1)?.type).toBe("llm.delta"));
    expect(new Set(live.map(({ nodeId }) => nodeId))).toEqual(new Set(["dig"]));
    expect(live.filter(({ type }) => type === "node.progress").map(({ data }) => data)).toEqual([
      { graph_node: "outer", at: "started" },
      { graph_node: "only", at: "started", within: ["outer"] },
      { custom: { percent: 50 } },
      { refused: "/when: a Date is not plain JSON" },
      { graph_node: "only", at: "ended", within: ["outer"] },
      { graph_node: "outer", at: "ended" },
      { graph_node: "chat", at: "started" },
      { graph_node: "chat", at: "ended" },
    ]);
    expect(live.filter(({ type }) => type === "llm.delta").map(({ data }) => data.text)).toEqual(["hello there"]);
  });

  test("and whoever counts hears of each call of a model", async () => {
    const said = new AIMessage({
      content: "ants are many",
      usage_metadata: { input_tokens: 30, output_tokens: 5, total_tokens: 35, input_token_details: { cache_read: 10 } },
      response_metadata: { model_name: "model-7" },
    } as never);
    const graph = oneNode(async () => ({ answer: (await new FakeListChatModel({ responses: ["ants are many"] }).invoke("?")).text }));
    const counted = oneNode(async () => ({ notes: [(await new SaidModel({ said }).invoke("?")).text] }));

    const { metrics, output } = await runInBothForms({ workflow: research().graph("dig", graph).graph("count", counted) });

    expect(output).toMatchObject({ answer: "ants are many", notes: ["ants are many"] });
    expect(metrics).toMatchObject({ llm_calls: 2, tokens_in: 30, tokens_out: 5, cache_read_tokens: 10, cost_usd: null });
  });

  test("hears of a graph that tells too much how much was left out", async () => {
    const graph = oneNode(async (_, { writer }) => {
      for (let n = 0; n < 500; n++) writer?.({ n });
      writer?.({ text: "x".repeat(20_000) });
      await sleep(1_050);
      writer?.({ n: "last" });
      return { answer: "done" };
    });
    const definition = desk(research().graph("dig", graph));
    await using world = openWorld();
    const live: LiveEvent[] = [];
    using _listening = await world.bus.signals.onLive({ operatorId: "desk" }, (event) => void live.push(event));
    await world.start([definition]);
    await world.told(await world.accept(definition, "research"));

    const progress = live.filter(({ type }) => type === "node.progress").map(({ data }) => data);
    expect(progress).toHaveLength(52);
    expect(progress.at(-2)).toMatchObject({ custom: { n: "last" }, left_out: 452 });
  });
});
