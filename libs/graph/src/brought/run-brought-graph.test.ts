import { Annotation, interrupt, MemorySaver, StateGraph } from "@langchain/langgraph";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { expect, test } from "vitest";
import { anOwner } from "./owner-for-tests.ts";
import { runBroughtGraph } from "./run-brought-graph.ts";
import { StoreSaver } from "./store-saver.ts";

const Topic = Annotation.Root({ topic: Annotation<string>, answer: Annotation<string> });
const silent = { token() {}, custom() {}, node() {}, modelCalled() {} };
/** A graph of one node, with a saver of its own where it has one. */
const oneNode = (run: () => unknown, checkpointer?: MemorySaver) =>
  new StateGraph(Topic)
    .addNode("only", run as never)
    .addEdge("__start__", "only")
    .compile(checkpointer === undefined ? {} : { checkpointer });

test("a graph that is run within another one's node is no part of that one: it asks and is kept on its own", async () => {
  await using store = openSqliteStore({ path: ":memory:" });
  const saver = new StoreSaver(store.checkpoints, await anOwner(store));
  const own = new MemorySaver();
  const inner = oneNode(() => ({ answer: String(interrupt("Good?")) }));
  const run = (answer?: { id: string; value: unknown }) =>
    runBroughtGraph({
      graph: inner as never,
      saver,
      threadId: "inner",
      input: () => ({ topic: "bees" }),
      signal: new AbortController().signal,
      configurable: {},
      listener: silent,
      ...(answer === undefined ? {} : { answer }),
    });
  const outer = oneNode(async () => {
    const first = await run();
    if (!("question" in first)) throw new Error("it did not ask");
    const { result } = (await run({ id: first.question.id, value: "good" })) as { result: { answer: string } };
    return { answer: `${String(first.question.value)} ${result.answer}` };
  }, own);

  const result = await outer.invoke({ topic: "ants" }, { configurable: { thread_id: "outer" } });

  expect(result).toEqual({ topic: "ants", answer: "Good? good" });
  expect(Object.keys(own.storage.outer ?? {})).toEqual([""]);
  expect((await saver.getTuple({ configurable: { thread_id: "inner" } }))?.checkpoint.channel_values).toMatchObject({ answer: "good" });
});
