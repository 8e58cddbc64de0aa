/** Two operators that know nothing of each other but events: one publishes, the other is started, and waits. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Deal = z.object({ deal_id: z.string().default("") });
const win = workflow("win", { state: Deal }).node("tell", (s, ctx) => ctx.publish("deal.won", { deal_id: s.deal_id, seller: "ann" }));

const Order = z.object({
  deal_id: z.string().default(""),
  paid: z.number().default(0),
  heard: z.string().default(""),
});
const order = workflow("order", { state: Order, triggers: { won: "event:sales:deal.won" } })
  .node("note", (_, ctx) => ({ heard: `${ctx.trigger.event?.type} of ${String(ctx.trigger.event?.data.seller)}` }))
  .wait("payment", { event: "invoice.paid", match: { deal: (s) => s.deal_id }, timeout: "3d", output: { paid: "amount" } });

export const sales = operator("sales", { name: "Sales", workflows: [win] });
export const desk = operator("desk", { name: "Order desk", workflows: [order] });
