/** The operator that runs under load and faults: six steps, one of them a model's, each leaving a record outside of OpenVibe when it starts and finishes. */
import { setTimeout as sleep } from "node:timers/promises";
import { operator, workflow } from "openvibe";
import { z } from "zod";
import { type RecordedContext, record } from "./node-record.ts";

const State = z.object({
  number: z.number().default(0),
  /** How long each node takes, in milliseconds. */
  pause_ms: z.number().default(20),
  /** Blocks the event loop for this long in node `second`. */
  block_ms: z.number().default(0),
  text: z.string().default(""),
  sum: z.number().default(0),
  kind: z.enum(["even", "odd"]).default("even"),
  trail: z.array(z.string()).default([]),
});

type S = z.output<typeof State>;

async function step(name: string, state: S, ctx: RecordedContext): Promise<{ trail: string[] }> {
  record("start", name, ctx);
  if (name === "second" && state.block_ms > 0 && ctx.attempt === 1) for (const end = Date.now() + state.block_ms; Date.now() < end; );
  await sleep(state.pause_ms, undefined, { signal: ctx.signal }).catch(() => {});
  record("finish", name, ctx);
  return { trail: [...state.trail, name] };
}

const count = workflow("count", { state: State, trigger: "on_demand", timeout: "5m" })
  .node("first", (s, ctx) => step("first", s, ctx))
  .llm("ask", { model: "haiku", user: (s) => `number ${s.number}`, output: "text" })
  .node("second", async (s, ctx) => ({ ...(await step("second", s, ctx)), sum: s.number + 1 }))
  .branch("kind", (s) => (s.number % 2 === 0 ? "even" : "odd"), {
    even: (b) => b.node("even_step", (s, ctx) => step("even_step", s, ctx)),
    odd: (b) => b.node("odd_step", (s, ctx) => step("odd_step", s, ctx)),
  })
  .node("third", async (s, ctx) => {
    const patch = await step("third", s, ctx);
    ctx.publish("load.counted", { number: s.number });
    return patch;
  })
  .node("fourth", (s, ctx) => step("fourth", s, ctx));

export default operator("load", { name: "Load", workflows: [count] });

/** What a completed run's trail must be. */
export function expectedTrail(number: number): string[] {
  return ["first", "second", number % 2 === 0 ? "even_step" : "odd_step", "third", "fourth"];
}
