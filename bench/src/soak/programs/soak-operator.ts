import { setTimeout as sleep } from "node:timers/promises";
import { type AnswerOf, operator, workflow } from "openvibe";
import { z } from "zod";

const State = z.object({
  number: z.number().default(0),
  mood: z.string().default(""),
  letter: z.string().default(""),
  echoed: z.number().default(0),
});

/** A bit of everything that a run can do: it asks, publishes (now and then more than travels with an event), shares, calls a model; by mood it fails or hangs. */
const mixed = workflow("mixed", { state: State, trigger: "on_demand", timeout: "20s" })
  .node("ask", async ({ number }, ctx) => ({ echoed: await ctx.ask<number>("soak.echo", number) }))
  .node(
    "tell",
    async ({ number, mood }, ctx) => {
      ctx.publish("soak.told", { number, text: number % 20 === 0 ? "x".repeat(70_000) : "x" });
      await ctx.context("context-soak").put(`key-${number % 100}`, number);
      if (mood === "fails") throw new Error("it was asked to fail");
      if (mood === "hangs") await sleep(60_000, undefined, { signal: ctx.signal });
    },
    { timeout: "10s" },
  )
  .llm("write", { model: "haiku", user: ({ number }) => `0|letter ${number}`, output: "letter" });

const echo = workflow("echo", { state: State, trigger: "on_demand" }).node("echo", ({ number }) => ({ echoed: number }));

const echoAnswer: AnswerOf<typeof echo> = {
  workflow: "echo",
  input: (body) => ({ number: Number(body) }),
  reply: ({ output }) => output.echoed ?? 0,
};

export default operator("soak", { name: "Soak", workflows: [mixed, echo], answers: { echo: echoAnswer } });
