/** An operator that makes everything happen that a metric counts. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Text = z.object({ text: z.string().default(""), ask: z.string().default("something") });

const think = workflow("think", { state: Text, trigger: "on_demand" })
  .node("prepare", () => ({ text: "prepared" }))
  .llm("think", { model: "haiku", user: ({ ask }) => ask, output: "text", retries: 0 })
  .branch("decide", ({ text }) => (text === "" ? "no" : "yes"), { yes: null, no: null });

/** A vendor's id that no table of prices holds. */
const guess = workflow("guess", { state: Text, trigger: "on_demand" }).llm("guess", {
  model: "claude-nobody-1",
  user: ({ ask }) => ask,
  output: "text",
});

const fail = workflow("fail", { state: Text, trigger: "on_demand" }).node("break", () => {
  throw new Error("the node broke on purpose");
});

/** Writes to the log as an author may: any fields, a secret among them, and names that are OpenVibe's own. */
const tell = workflow("tell", { state: Text, trigger: "on_demand" }).node("tell", ({ text }, ctx) => {
  ctx.log.info(
    { contact_id: "c1", level: "fatal", run_id: "mine", headers: [{ "x-api-key": text }], note: `key=${text}` },
    "the node tells",
  );
});

/** Until the file `gate` is there. */
const hold = workflow("hold", { state: z.object({ gate: z.string().default("") }), trigger: "on_demand" }).node(
  "hold",
  async ({ gate }, { signal }) => {
    while (!existsSync(gate)) await sleep(10, undefined, { signal });
  },
);

/** So many events of 60 KB. */
const flood = workflow("flood", { state: z.object({ count: z.number().default(0) }), trigger: "on_demand" }).node(
  "flood",
  ({ count }, ctx) => {
    for (let n = 0; n < count; n++) ctx.publish("metered.flooded", { n, pad: "x".repeat(60_000) });
  },
);

export default operator("metered", { name: "Metered", workflows: [think, guess, fail, tell, hold, flood] });
