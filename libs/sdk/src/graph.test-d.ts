/** What compiles and what does not of graphs that are brought. Checked by `tsc`, as `types.test-d.ts` is. */
import { Annotation, entrypoint, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { workflow } from "./index.ts";

const Topic = Annotation.Root({ topic: Annotation<string>, notes: Annotation<string[]>, score: Annotation<number> });
const graph = new StateGraph(Topic)
  .addNode("plan", () => ({ notes: [] }))
  .addEdge("__start__", "plan")
  .compile();
const narrow = new StateGraph({
  state: Topic,
  input: Annotation.Root({ topic: Annotation<string> }),
  output: Annotation.Root({ score: Annotation<number> }),
})
  .addNode("plan", () => ({ score: 1 }))
  .addEdge("__start__", "plan")
  .compile();
const chat = new StateGraph(MessagesAnnotation)
  .addNode("say", () => ({ messages: [] }))
  .addEdge("__start__", "say")
  .compile();
const zodded = new StateGraph(z.object({ topic: z.string(), score: z.number().default(0) }))
  .addNode("plan", () => ({ score: 1 }))
  .addEdge("__start__", "plan")
  .compile();
const functional = entrypoint({ name: "functional" }, async (given: { topic: string }) => ({ score: given.topic.length }));

const State = z.object({ topic: z.string().default(""), answer: z.string().default(""), rating: z.number().default(0), all: z.unknown() });
const research = () => workflow("research", { state: State });

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
research()
  .graph("g1", graph)
  .graph("g2", graph, { output: "all" })
  .graph("g3", graph, { input: (s) => ({ topic: s.topic }), output: (r) => ({ answer: r.notes.join(), rating: r.score }), timeout: "5m" })
  .graph("g4", narrow, {
    input: async (s, ctx) => ({ topic: `${s.topic} ${ctx.effectKey}` }),
    output: async (r, s) => ({ rating: r.score + s.rating }),
  })
  .graph("g5", chat, { input: (s) => ({ messages: [s.topic] }), output: (r) => ({ answer: r.messages.at(-1)?.text ?? "" }) })
  .graph("g6", zodded, {
    input: (s) => ({ topic: s.topic }),
    output: (r) => ({ rating: r.score }),
    answer: z.boolean(),
    answerTimeout: "2d",
    answerDefault: false,
    recursionLimit: 50,
  })
  .graph("g7", functional, { input: (s) => ({ topic: s.topic }), output: (r) => ({ rating: r.score }) })
  .node("behind", (s) => ({ rating: s.rating + 1 }));

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
const begun = research().node("g", () => ({}));
const uncompiled = new StateGraph(Topic).addNode("plan", () => ({}));
// @ts-expect-error a name is used once
begun.graph("g", graph);
// @ts-expect-error a graph, not what makes one
research().graph("g", () => graph);
// @ts-expect-error compiled
research().graph("g", uncompiled);
// @ts-expect-error a field that the graph's input has not
research().graph("g", narrow, { input: (s) => ({ subject: s.topic }) });
// @ts-expect-error a field of another type
research().graph("g", graph, { input: (s) => ({ topic: s.rating }) });
// @ts-expect-error a field that the state has not
research().graph("g", graph, { input: (s) => ({ topic: s.nope }) });
// @ts-expect-error a field that the graph's result has not
research().graph("g", narrow, { output: (r) => ({ answer: r.topic }) });
// @ts-expect-error a patch of a field that the state has not
research().graph("g", graph, { output: (r) => ({ nope: r.score }) });
// @ts-expect-error a patch of another type
research().graph("g", graph, { output: (r) => ({ answer: r.score }) });
// @ts-expect-error a field of the state
research().graph("g", graph, { output: "nope" });
// @ts-expect-error a zod schema
research().graph("g", graph, { answer: { type: "boolean" } });
// @ts-expect-error an unknown option
research().graph("g", graph, { retries: 3 });
