/** What compiles and what does not of conditions, routes, attempts, models and lives. Checked by `tsc`, as `types.test-d.ts` is. */
import { z } from "zod";
import { end, goto, type JsonObject, sleep, workflow } from "./index.ts";

const Lead = z.object({ text: z.string().default(""), count: z.number().default(0), done: z.boolean().default(false) });
const lead = () => workflow("lead", { state: Lead });
const ask = { model: "haiku", user: "?", output: "text" } as const;
const asked = { prompt: "?", answer: ["done"] } as const;
const noop = () => {};

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
workflow("w", { state: Lead, durable: { maxDays: 14 } });
workflow("w", { state: Lead, checkpointed: false });
lead()
  .llm("l1", { ...ask, when: (s) => s.count > 1 })
  .llm("l2", { ...ask, retries: { attempts: 3, backoff: "1m", longest: "2h", on: (error) => error instanceof Error } })
  .llm("l3", { ...ask, retries: 1, fallback: ["sonnet", "my-own-model"], cache: true })
  .node("n1", noop, { when: (s) => s.done, retries: { attempts: 2, longest: "6h" } })
  .wait("w1", "1d", { when: (s) => !s.done })
  .wait("w2", { until: () => new Date() }, { when: (s) => s.count === 0 })
  .human("h1", { ...asked, when: (s) => s.text !== "" })
  .branch("b1", (s) => (s.done ? "over" : s.count > 1 ? "back" : s.count > 0 ? "steps" : "on"), {
    over: end(),
    back: "n1",
    steps: (arm) => arm.node("n2", noop),
    on: null,
  })
  .node("n3", async (s, ctx) => {
    const page = await ctx.once("fetch", async (effectKey) => ({ effectKey, size: s.count }));
    const nothing: void = await ctx.once("tell", () => {});
    ctx.emitProgress({ size: page.size, nothing: nothing === undefined });
    return { text: page.effectKey, count: page.size };
  })
  .node("n4", (s) => (s.done ? end({ text: "x" }) : s.count > 1 ? goto("n1") : sleep("1h", { count: 1 })));

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
// @ts-expect-error days are a number
workflow("w", { state: Lead, durable: { maxDays: "14" } });
// @ts-expect-error no days
workflow("w", { state: Lead, durable: {} });
// @ts-expect-error no such option
workflow("w", { state: Lead, durable: { maxDays: 14, minDays: 1 } });
// @ts-expect-error true or false
workflow("w", { state: Lead, checkpointed: "no" });
// @ts-expect-error a condition reads a field that is not there
lead().llm("x", { ...ask, when: (s) => s.nope });
// @ts-expect-error a condition is true or false
lead().node("x", noop, { when: (s) => s.count });
// @ts-expect-error a condition is not asynchronous
lead().node("x", noop, { when: async (s) => s.done });
// @ts-expect-error a condition has the state alone
lead().node("x", noop, { when: (s, ctx) => ctx.attempt > 1 && s.done });
// @ts-expect-error a condition is a function
lead().wait("x", "1d", { when: true });
// @ts-expect-error a wait has no other option
lead().wait("x", "1d", { timeout: "1d" });
// @ts-expect-error a question's condition reads a field that is not there
lead().human("x", { ...asked, when: (s) => s.nope });
// @ts-expect-error attempts are missing
lead().llm("x", { ...ask, retries: { backoff: "1s" } });
// @ts-expect-error no such option
lead().llm("x", { ...ask, retries: { attempts: 2, delay: "1s" } });
// @ts-expect-error a list of models
lead().llm("x", { ...ask, fallback: "sonnet" });
// @ts-expect-error true or false
lead().llm("x", { ...ask, cache: "5m" });
// @ts-expect-error an end with a patch is no route: the branch sets fields itself
lead().branch("x", () => "a", { a: end({ text: "x" }) });
// @ts-expect-error a sleep is no route
lead().branch("x", () => "a", { a: sleep("1h") });
// @ts-expect-error a goto is no route: the step's name is
lead().branch("x", () => "a", { a: goto("n") });
// @ts-expect-error a number is no route
lead().branch("x", () => "a", { a: 7 });
// @ts-expect-error undefined is no route
lead().branch("x", () => "a", { a: undefined });
// @ts-expect-error a route without an entry
lead().branch("x", (s) => (s.done ? "a" : "b"), { a: "n" });
// @ts-expect-error a result is JSON
lead().node("x", async (_, ctx) => ({ text: String(await ctx.once("k", () => new Map())) }));
// @ts-expect-error a result has its own type
lead().node("x", async (_, ctx) => ({ text: await ctx.once("k", () => 7) }));
// @ts-expect-error a result needs a key
lead().node("x", async (_, ctx) => void (await ctx.once(() => 7)));
// @ts-expect-error progress is an object
lead().node("x", (_, ctx) => ctx.emitProgress("half"));
// @ts-expect-error progress is JSON
lead().node("x", (_, ctx) => ctx.emitProgress({ at: new Date() }));

declare const data: JsonObject;
lead().node("x", (_, ctx) => ctx.emitProgress(data));
