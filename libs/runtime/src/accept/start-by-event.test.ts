/** Runs that events start: one for each cause, checked by the worker, redriven with their event. */
import { type JsonObject, type OpenVibeEvent, silentLogger, systemClock } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import type { StoredManifest } from "@openvibe/store";
import { expect, test } from "vitest";
import { z } from "zod";
import { openWorld, type World } from "../world-for-tests.ts";
import { createAcceptor } from "./acceptor.ts";

const Lead = z.object({ score: z.number().default(0), told: z.string().default("") });
const leads = operator("leads", {
  name: "Leads",
  workflows: [
    workflow("greet", { state: Lead, triggers: { hot: "event:lead.hot" } }).node("tell", (s, ctx) => {
      if (s.score > 100) throw new Error("too hot");
      return { told: `${ctx.trigger.id} ${ctx.trigger.event?.type} ${String(ctx.trigger.event?.data.by)}` };
    }),
  ],
});
const [greet] = leads.manifest.workflows;

function anEvent(data: JsonObject): OpenVibeEvent {
  const nobody = { operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null };
  return { id: "ev_1", type: "lead.hot", time: "2026-11-22T10:30:00.000Z", ...nobody, source: "/crm", data };
}

async function open(world: World) {
  await world.start([leads]);
  const acceptor = createAcceptor({ ...world, clock: systemClock, logger: silentLogger, maxBacklog: 0 });
  const stored = (await world.store.manifests.find("leads")) as StoredManifest;
  const start = async (event: OpenVibeEvent) => {
    if (greet === undefined) throw new Error("no workflow");
    return await acceptor.startByEvent({ event, operator: stored, workflow: greet, trigger: "hot", hops: 1 });
  };
  return { acceptor, start };
}

test("the code reads the event; the same one again gives the same run, however full the backlog is", async () => {
  await using world = openWorld();
  const { acceptor, start } = await open(world);
  await using _acceptor = acceptor;

  const { run } = await start(anEvent({ score: 7, by: "ann" }));
  const again = await start(anEvent({ score: 7, by: "ann" }));

  expect(again).toMatchObject({ replayed: true, run: { runId: run.runId } });
  expect(await world.ended(run.runId)).toMatchObject({ ignoredInput: ["by"], output: { score: 7, told: "hot lead.hot ann" } });
  const [queued] = await world.told(run.runId);
  expect(queued?.data).toEqual({ trigger: "hot", workflow_id: "greet", event_id: "ev_1", event_type: "lead.hot" });
});

test("data that does not fit makes a run that failed, which everybody sees", async () => {
  await using world = openWorld();
  const { acceptor, start } = await open(world);
  await using _acceptor = acceptor;

  const { run } = await start(anEvent({ score: "high" }));

  expect(await world.ended(run.runId)).toMatchObject({ status: "failed", error: { code: "OV_INPUT_INVALID" } });
});

test.each(["redrive", "rerun"] as const)("a run that is made anew has its event as well: %s", async (how) => {
  await using world = openWorld();
  const { start } = await open(world);
  await using acceptor = createAcceptor({ ...world, clock: systemClock, logger: silentLogger });
  const { run } = await start(anEvent({ score: 101, by: "ann" }));
  const failed = await world.ended(run.runId);

  const { run: again } = await acceptor[how]({ run: failed, principal: "tests", changes: { state: { score: 7 } } });

  expect(await world.store.runs.findCause(again.runId)).toEqual(await world.store.runs.findCause(run.runId));
  const expected = how === "redrive" ? { status: "failed" } : { status: "completed", output: { score: 7, told: "hot lead.hot ann" } };
  expect(await world.ended(again.runId)).toMatchObject({ ...expected, rerunOf: run.runId });
});

test("a request's trigger may have a rate: more are refused with when to come back, a repetition is answered, other keys have their own", async () => {
  await using world = openWorld();
  const asked = workflow("asked", {
    state: Lead,
    triggers: { by_hand: { on: "on_demand", rate: { limit: 1, per: "1m", key: "told" } }, freely: "on_demand" },
  }).node("n", () => ({}));
  await world.start([operator("leads", { name: "Leads", workflows: [asked] })]);
  await using acceptor = createAcceptor({ ...world, clock: systemClock, logger: silentLogger });
  const ask = (input: JsonObject, given: { trigger?: string; idempotencyKey?: string; origin?: string } = {}) =>
    acceptor.accept({ operatorId: "leads", trigger: "by_hand", input, ...given });

  const { run } = await ask({ told: "ann" }, { idempotencyKey: "k1" });

  await expect(ask({ told: "ann" })).rejects.toMatchObject({ code: "OV_RATE_LIMITED", retryAfterMs: expect.any(Number) });
  expect(await ask({ told: "ann" }, { idempotencyKey: "k1" })).toMatchObject({ replayed: true, run: { runId: run.runId } });
  expect(await ask({ told: "bob" }, { origin: "hook:leads:1" })).toMatchObject({ replayed: false });
  expect(await ask({ told: "bob" }, { origin: "hook:leads:1" })).toMatchObject({ replayed: true });
  expect(await ask({ told: "ann" }, { trigger: "freely" })).toMatchObject({ replayed: false });
  await expect(ask({})).rejects.toMatchObject({ code: "OV_REQUEST_INVALID", message: expect.stringContaining('key "told" of the data') });
});
