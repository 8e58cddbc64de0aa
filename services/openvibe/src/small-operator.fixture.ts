/** An operator for the tests of `serve`, `createRuntime` and the command: workflows that end well, fail, wait, and outlive a restart. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { operator, workflow } from "openvibe";
import { z } from "zod";

const VERSION = 1;
const Count = z.object({ n: z.number().int().default(0), version: z.number().default(0) });

const add = workflow("add", { state: Count, trigger: "on_demand" }).node("add_one", ({ n }) => ({ n: n + 1 }));

const fail = workflow("fail", { state: Count, trigger: "on_demand" }).node("break", () => {
  throw new Error("the node broke on purpose");
});

/** Until it is cancelled. */
const wait = workflow("wait", { state: Count, trigger: "on_demand" }).node("wait_long", async (_state, { signal }) => {
  await sleep(600_000, undefined, { signal });
});

const Gate = Count.extend({ gate: z.string().default("") });

/** Until the file `gate` is there. */
const hold = workflow("hold", { state: Gate, trigger: "on_demand" })
  .node("hold", async ({ gate, n }, { signal }) => {
    while (!existsSync(gate)) await sleep(10, undefined, { signal });
    return { n: n + 1 };
  })
  .node("tell", ({ n }) => ({ n: n + 1, version: VERSION }));

const share = workflow("share", { state: Count, trigger: "on_demand" }).node("share", async ({ n }, ctx) => {
  await ctx.context("context-counts").put("newest", n);
  ctx.publish("count.shared", { n });
});

const approve = workflow("approve", { state: Count.extend({ approved: z.boolean().default(false) }), trigger: "on_demand" })
  .human("ask", { prompt: "Shall we?", answer: ["approved"] })
  .node("count", ({ approved }) => ({ n: approved ? 1 : -1 }));

const Greeting = z.object({ greeting: z.string().default("") });

const greet = workflow("greet", { state: Greeting, trigger: "on_demand" }).llm("say_hello", {
  model: "haiku",
  user: "Say hello!",
  output: "greeting",
});

export const small = operator("small", { name: "Small", workflows: [add, fail, wait, hold, share, approve, greet] });
export default small;
