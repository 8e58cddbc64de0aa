/** Operators that hear each other in one process, without HTTP, over memory and SQLite. */
import { operator, workflow } from "@openvibe/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { createRuntime } from "./runtime.ts";

const Deal = z.object({ deal_id: z.string().default(""), answer: z.string().default("") });

const won = workflow("won", { state: Deal })
  .node("tell", (s, ctx) => ctx.publish("deal.won", { deal_id: s.deal_id, seller: "ann" }))
  .wait("order", { event: "order.made", match: { deal: (s) => s.deal_id }, output: { answer: "number" } });
const order = workflow("order", {
  state: Deal,
  triggers: { won: { on: "event:sales:deal.won", filter: { seller: "ann" } }, own: "event:self:deal.won" },
}).node("make", async (s, ctx) => {
  await ctx.context("context-orders").put(s.deal_id, { by: ctx.trigger.id, event: ctx.trigger.event?.type ?? null });
  ctx.publish("order.made", { deal: s.deal_id, number: "A-1" });
});

test("what one operator publishes starts a run of the other, whose answer ends the first one's wait", async () => {
  const sales = operator("sales", { name: "Sales", workflows: [won] });
  const desk = operator("desk", { name: "Desk", workflows: [order] });
  await using runtime = await createRuntime({ operators: [sales, desk] });

  const started = await runtime.activate(sales, "won", { deal_id: "d1" });
  const run = await started.ended({ timeoutMs: 15_000 });

  expect(run).toMatchObject({ status: "completed", output: { deal_id: "d1", answer: "A-1" } });
  expect((await runtime.context("context-orders").get("d1"))?.value).toEqual({ by: "won", event: "deal.won" });
});
