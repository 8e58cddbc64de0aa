/** Operators that hear each other in one process, without HTTP, over memory and SQLite. */
import type { JsonValue } from "@openvibe/core";
import { type NodeContext, operator, workflow } from "@openvibe/sdk";
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

const Lead = z.object({ lead: z.string().default(""), n: z.number().default(0) });
const Leads = z.object({ events: z.array(Lead).default([]) });
const burst = workflow("burst", { state: z.object({ count: z.number().default(0) }) }).node("tell", (s, ctx) => {
  for (let n = 1; n <= s.count; n++) ctx.publish("lead.changed", { lead: n % 2 === 0 ? "ann" : "bob", n });
});
const on = "event:crm:lead.changed";
/** Keeps what runs have seen, in the order in which they began. */
const seen = async (ctx: NodeContext, what: JsonValue) =>
  void (await ctx.context("context-seen").update(ctx.workflowId, (before) => [...((before as JsonValue[] | undefined) ?? []), what]));
const newest = workflow("newest", { state: Lead, triggers: { each: { on, debounce: { wait: "300ms", key: "lead" } } } }).node(
  "see",
  (s, ctx) => seen(ctx, s.n),
);
const lists = workflow("lists", { state: Leads, triggers: { all: { on, batch: { size: 4, wait: "300ms" } } } }).node("see", (s, ctx) => {
  const ids = new Set(ctx.trigger.events?.map(({ id }) => id));
  return seen(ctx, [ids.size, ...s.events.map(({ n }) => n)]);
});
let open = 0;
const few = workflow("few", { state: Lead, triggers: { two: { on, concurrency: 2 } } }).node("see", async (_, ctx) => {
  const now = ++open;
  await seen(ctx, now);
  open--;
});
const once = workflow("once", { state: Lead, triggers: { first: { on, singleton: { mode: "skip", key: "lead" } } } })
  .node("see", (s, ctx) => seen(ctx, s.n))
  .wait("rest", "1h");
const paced = workflow("paced", { state: Lead, triggers: { some: { on, rate: { limit: 2, per: "1h" } } } }).node("see", (s, ctx) =>
  seen(ctx, s.n),
);

test("a trigger says how often it starts runs: the newest of a burst, in batches, few at once, one under way, so many in a time", async () => {
  const crm = operator("crm", { name: "CRM", workflows: [burst] });
  const desk = operator("desk", { name: "Desk", workflows: [newest, lists, few, once, paced] });
  await using runtime = await createRuntime({ operators: [crm, desk] });
  const seenBy = async (workflowId: string) => ((await runtime.context("context-seen").get(workflowId))?.value ?? []) as JsonValue[];

  await (await runtime.activate(crm, "burst", { count: 6 })).ended({ timeoutMs: 15_000 });

  await expect.poll(async () => (await seenBy("few")).length, { timeout: 15_000 }).toBe(6);
  await expect.poll(async () => (await seenBy("newest")).toSorted(), { timeout: 5_000 }).toEqual([5, 6]);
  expect((await seenBy("few")).filter((now) => Number(now) > 2)).toEqual([]);
  expect((await seenBy("lists")).toSorted()).toEqual([
    [2, 5, 6],
    [4, 1, 2, 3, 4],
  ]);
  expect((await seenBy("once")).toSorted()).toEqual([1, 2]);
  expect((await seenBy("paced")).toSorted()).toEqual([1, 2]);
}, 40_000);
