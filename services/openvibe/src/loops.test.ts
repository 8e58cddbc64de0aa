/** Operators that start each other in a circle come to an end, whatever the circle goes through, and say why. */
import { MAX_HOPS } from "@openvibe/core";
import { type NodeContext, operator, workflow } from "@openvibe/sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { serve } from "./index.ts";

beforeEach(() => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY", "OPENVIBE_PORT"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const quiet = { port: 0, store: ":memory:", foreground: false } as const;
const Turn = z.object({ value: z.json().default(null) });
const add = async (ctx: NodeContext) => void (await ctx.context("context-ring").update<number>("turns", (turns) => (turns ?? 0) + 1));

const byContext = operator("ring", {
  name: "Ring",
  workflows: [workflow("turn", { state: Turn, triggers: { changed: "context:context-ring.*" } }).node("add", (_, ctx) => add(ctx))],
});

/** Through the event of the change, written and deleted in turn, by a child. */
const child = workflow("child", { state: Turn }).node("change", async (_, ctx) => {
  const ring = ctx.context("context-ring");
  if ((await ring.get("turns")) === undefined) await ring.put("turns", 1);
  else await ring.delete("turns");
});
const byEvent = operator("ring", {
  name: "Ring",
  workflows: [
    workflow("turn", {
      state: Turn,
      triggers: { updated: "event:context.updated", deleted: "event:context.deleted" },
    }).run("change", { workflow: child }),
    child,
  ],
});

const byAsking = operator("ring", {
  name: "Ring",
  workflows: [
    workflow("turn", { state: Turn, triggers: { changed: "context:context-ring.*" } }).node("ask", async (_, ctx) => ({
      value: await ctx.ask("ring.turn", null),
    })),
    workflow("answer", { state: Turn }).node("add", (_, ctx) => add(ctx)),
  ],
  answers: { turn: { workflow: "answer", input: () => ({}), reply: () => null } },
});

test.each([
  ["a trigger of context", byContext, "turn", MAX_HOPS],
  ["events of changes that children make", byEvent, "turn", MAX_HOPS],
  ["questions whose answer changes context: each counts", byAsking, "answer", MAX_HOPS / 2],
] as const)("a circle through %s ends after as many runs as are allowed", async (_, definition, workflowId, runs) => {
  await using served = await serve([definition], quiet);
  const get = async (path: string) => await (await fetch(`${served.url}${path}`)).text();
  const runsOf = async () => {
    const { data } = JSON.parse(await get(`/v1/operators/ring/runs?limit=100&workflow=${workflowId}`)) as { data: { status: string }[] };
    return data.map(({ status }) => status);
  };

  const put = { method: "PUT", headers: { "content-type": "application/json" }, body: "0" };
  await fetch(`${served.url}/v1/context/context-ring/turns`, put);

  const letters = 'openvibe_dead_letters_total{reason="event_loop"} 1';
  await expect.poll(() => get("/metrics"), { timeout: 15_000 }).toContain(letters);
  await expect.poll(runsOf).toEqual(Array(runs).fill("completed"));
});
