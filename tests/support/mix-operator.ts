/** Beside `load` under kills: runs that wait, that loop, that begin others, that ask another operator, that publish what starts it, and that go through a LangGraph graph of their author's. */
import { Annotation, StateGraph } from "@langchain/langgraph";
import { type NodeContext, operator, workflow } from "openvibe";
import { z } from "zod";
import { recorded } from "./node-record.ts";

const State = z.object({
  number: z.number().default(0),
  /** How long each node takes, in milliseconds. */
  pause_ms: z.number().default(20),
  trail: z.array(z.string()).default([]),
});

type S = z.output<typeof State>;
type Went = { readonly trail: string[] };

async function step(name: string, { trail, pause_ms }: S, ctx: NodeContext): Promise<Went> {
  await recorded(name, pause_ms, ctx);
  return { trail: [...trail, name] };
}

const waiting = workflow("waiting", { state: State, durable: { maxDays: 1 } })
  .node("before", (s, ctx) => step("before", s, ctx))
  .wait("rest", { until: (_, ctx) => ctx.now() + 300 })
  .node("between", (s, ctx) => step("between", s, ctx))
  .wait("rest_again", "200ms")
  .node("after", (s, ctx) => step("after", s, ctx));

/** Each pass leaves a record of its own. */
const looping = workflow("looping", { state: State })
  .loop("laps", { while: (s) => s.trail.length < 4, maxIterations: 10 }, (body) =>
    body.node("lap", (s, ctx) => step(`lap_${ctx.effectKey.split(":").at(-1)}`, s, ctx)),
  )
  .node("home", (s, ctx) => step("home", s, ctx));

const part = workflow("part", { state: State }).node("part", (s, ctx) => step(`part_${s.number}`, s, ctx));

const PARTS = 2;
const family = workflow("family", { state: State })
  .node("begin", (s, ctx) => step("begin", s, ctx))
  .each("parts", {
    workflow: part,
    items: () => Array.from({ length: PARTS }, (_, index) => index),
    input: (number, _, { pause_ms }) => ({ number, pause_ms }),
    map: (parts, s) => ({ trail: [...s.trail, ...parts.flatMap(({ trail = [] }) => trail)] }),
  })
  .node("end", (s, ctx) => step("end", s, ctx));

const Notes = Annotation.Root({
  pause_ms: Annotation<number>,
  trail: Annotation<string[]>({ reducer: (old, more) => [...old, ...more], default: () => [] }),
});
const inGraph = (name: string) => async (state: typeof Notes.State, config: { configurable?: Record<string, unknown> }) => {
  await recorded(name, state.pause_ms, config.configurable?.openvibe as NodeContext);
  return { trail: [name] };
};
const notes = new StateGraph(Notes)
  .addNode("search", inGraph("search"))
  .addNode("read", inGraph("read"))
  .addNode("compare", inGraph("compare"))
  .addNode("write", inGraph("write"))
  .addNode("check", inGraph("check"))
  .addEdge("__start__", "search")
  .addEdge("search", "read")
  .addEdge("read", "compare")
  .addEdge("compare", "write")
  .addEdge("write", "check")
  .compile();

const brought = workflow("brought", { state: State })
  .node("ask", (s, ctx) => step("ask", s, ctx))
  .graph("notes", notes, {
    input: ({ pause_ms }) => ({ pause_ms: 3 * pause_ms, trail: [] }), // often met by a kill
    output: ({ trail }, s) => ({ trail: [...s.trail, ...trail] }),
  })
  .node("tell", (s, ctx) => step("tell", s, ctx));

/** What the asking node asks for: first without a worker, then held. */
const QUESTIONS = ["later", "soon"] as const;
/** An answerer that is killed says nothing: the next attempt finds its run. */
const PATIENCE = { later: { durable: true, timeout: "2m" }, soon: { timeout: "6s" } } as const;
const asking = workflow("asking", { state: State })
  .node("wonder", (s, ctx) => step("wonder", s, ctx))
  .node(
    "ask",
    async ({ trail, pause_ms }, ctx) => {
      const answers: string[] = [];
      for (const say of QUESTIONS) answers.push(await ctx.ask("partner.answer", { by: ctx.runId, say, pause_ms }, PATIENCE[say]));
      return { trail: [...trail, ...answers] };
    },
    { retries: { attempts: 20, backoff: 100, factor: 1 } },
  )
  .node("know", (s, ctx) => step("know", s, ctx));

const telling = workflow("telling", { state: State })
  .node("tell", async (s, ctx) => {
    ctx.publish("mix.told", { by: ctx.runId, pause_ms: s.pause_ms });
    return await step("tell", s, ctx);
  })
  .node("rest", (s, ctx) => step("rest", s, ctx));

export default operator("mix", { name: "Mix", workflows: [waiting, looping, family, part, asking, telling, brought] });

/** What follows from these runs at the partner: each question begins one run there, each event one for every trigger. */
export const CAUSED = { questions: QUESTIONS, event: "mix.told", triggers: ["told_by_any", "told_by_mix"] } as const;

/** The workflows that are activated, by what a completed run's trail must be, and how many runs each of its runs begins. */
export const MIX: Readonly<Record<string, { readonly trail: readonly string[]; readonly begins: number }>> = {
  waiting: { trail: ["before", "between", "after"], begins: 0 },
  looping: { trail: ["lap_1", "lap_2", "lap_3", "lap_4", "home"], begins: 0 },
  family: { trail: ["begin", "part_0", "part_1", "end"], begins: PARTS },
  asking: { trail: ["wonder", ...QUESTIONS, "know"], begins: QUESTIONS.length },
  telling: { trail: ["tell", "rest"], begins: CAUSED.triggers.length },
  brought: { trail: ["ask", "search", "read", "compare", "write", "check", "tell"], begins: 0 },
};
