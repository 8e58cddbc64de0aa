/** Runs that wait for events: also those that came before, also across a crash, and against the clock. */
import type { JsonObject } from "@openvibe/core";
import { matchKeyOf, systemClock } from "@openvibe/core";
import { operator, type Steps, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FORMS } from "./forms-for-tests.ts";
import { wakeByEvent } from "./wake-by-event.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const Lead = z.object({
  lead_id: z.string().default("a"),
  reply: z.string().default(""),
  got: z.record(z.string(), z.unknown()).default({}),
  late: z.boolean().default(false),
  replies: z.number().default(0),
});
type Chain = Steps<z.output<typeof Lead>, never>;
const leads = (draw: (chain: Chain) => unknown) =>
  operator("leads", { name: "Leads", workflows: [draw(workflow("chase", { state: Lead }) as never) as never] });

/** What the relay does with an event that somebody may wait for. */
async function arrive(world: World, id: string, data: JsonObject = {}, { type = "lead.replied", match = {} as JsonObject } = {}) {
  await world.store.eventWaits.keep({ id, type, matchKeys: [matchKeyOf(match)], event: { id, type, data } });
  return await wakeByEvent({ store: world.store, bus: world.bus, clock: systemClock }, 10);
}

describe.each(FORMS)("in the form %s", (form) => {
  const begin = async (draw: (chain: Chain) => unknown, input: JsonObject = {}) => {
    const definition = leads(draw);
    const world = openWorld({ form });
    await world.start([definition]);
    const runId = await world.accept(definition, "chase", input);
    return { world, runId, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
  };

  test("a run parks, says what it waits for, and goes on with the event's data", async () => {
    await using begun = await begin((chain) =>
      chain.wait("reply", {
        event: "lead.replied",
        match: { lead: (s) => s.lead_id },
        timeout: "3d",
        output: { reply: "text" },
      }),
    );
    const { world, runId } = begun;

    const { interrupt } = await world.waiting(runId);
    expect(interrupt).toMatchObject({
      kind: "event",
      node_id: "reply",
      data: { events: ["lead.replied"], needed: 1, match: { lead: "a" }, deadline: expect.any(String) },
    });
    expect(await arrive(world, "e1", { lead: "b", text: "not me" }, { match: { lead: "b" } })).toBe(0);
    expect(await arrive(world, "e2", { lead: "a", text: "yes" }, { match: { lead: "a" } })).toBe(1);

    expect((await world.ended(runId)).output).toEqual({ reply: "yes" });
    const types = (await world.told(runId)).map(({ type }) => type);
    expect(types).toEqual(["run.queued", "run.started", "run.waiting", "run.resumed", "node.completed", "run.completed"]);
  });

  test("what came since the run began is enough: it does not park", async () => {
    const release = Promise.withResolvers<void>();
    await using begun = await begin((chain) =>
      chain.node("write", () => release.promise).wait("reply", { event: "lead.replied", output: "got" }),
    );
    const { world, runId } = begun;
    await until(async () => expect(await world.find(runId)).toMatchObject({ status: "running" }));
    await arrive(world, "e1", { text: "early" });
    release.resolve();

    expect((await world.ended(runId)).output).toEqual({ got: { text: "early" } });
    expect((await world.told(runId)).map(({ type }) => type)).not.toContain("run.waiting");
  });

  test("the time wins where nothing came: the steps of onTimeout run, and what comes later is dropped", async () => {
    await using begun = await begin((chain) =>
      chain
        .wait("reply", { event: "lead.replied", timeout: 1, output: "got", onTimeout: (arm) => arm.node("mark", () => ({ late: true })) })
        .node("after", (s) => ({ reply: s.late ? "nobody" : "somebody" })),
    );
    const { world, runId } = begun;
    await world.waiting(runId);
    await until(async () => expect(await world.wakeDue()).toBe(1));

    expect(await arrive(world, "e1")).toBe(0);

    expect((await world.ended(runId)).output).toEqual({ late: true, reply: "nobody" });
  });

  test("the event wins where it came: the steps of onTimeout do not run; without such steps a timeout goes straight on", async () => {
    await using begun = await begin((chain) =>
      chain
        .wait("reply", { event: "lead.replied", timeout: "1d", onTimeout: (arm) => arm.node("mark", () => ({ late: true })) })
        .wait("again", { event: "lead.replied", timeout: 1, output: "got" })
        .node("after", () => ({ reply: "on" })),
    );
    const { world, runId } = begun;
    await world.waiting(runId);
    expect(await arrive(world, "e1")).toBe(1);
    await world.waiting(runId, 1);
    await until(async () => expect(await world.wakeDue()).toBe(1));

    expect((await world.ended(runId)).output).toEqual({ reply: "on" });
  });

  test("of an event and the timeout at once one wins", async () => {
    await using begun = await begin((chain) => chain.wait("reply", { event: "lead.replied", timeout: 1 }));
    const { world, runId } = begun;
    await world.waiting(runId);
    await world.store.eventWaits.keep({ id: "e1", type: "lead.replied", matchKeys: [""], event: { id: "e1" } });
    await new Promise((resolve) => setTimeout(resolve, 5));

    const [byTime, byEvent] = await Promise.all([world.wakeDue(), wakeByEvent({ ...world, clock: systemClock }, 10)]);

    expect(byTime + byEvent).toBe(1);
    expect(await world.ended(runId)).toMatchObject({ status: "completed", wake: 1 });
  });

  test("all of several types, each once; their data by type", async () => {
    await using begun = await begin((chain) => chain.wait("both", { event: ["paid", "signed"], mode: "all", output: "got" }));
    const { world, runId } = begun;
    await world.waiting(runId);

    expect(await arrive(world, "p1", { n: 1 }, { type: "paid" })).toBe(0);
    expect(await arrive(world, "p2", { n: 2 }, { type: "paid" })).toBe(0);
    expect(await arrive(world, "s1", { n: 3 }, { type: "signed" })).toBe(1);

    expect((await world.ended(runId)).output).toEqual({ got: { paid: { n: 1 }, signed: { n: 3 } } });
  });

  test("in a loop each pass takes an event of its own, and a repeated one counts once", async () => {
    await using begun = await begin((chain) =>
      chain.loop("chase", { while: (s) => s.replies < 2, maxIterations: 5 }, (body) =>
        body.wait("reply", { event: "lead.replied" }).node("count", (s) => ({ replies: s.replies + 1 })),
      ),
    );
    const { world, runId } = begun;
    await world.waiting(runId);
    expect(await arrive(world, "e1")).toBe(1);
    await world.waiting(runId, 1);

    expect(await arrive(world, "e1")).toBe(0);
    expect(await arrive(world, "e2")).toBe(1);

    expect((await world.ended(runId)).output).toEqual({ replies: 2 });
  });

  test("an event that came between the look back and the park is found by whoever looks next", async () => {
    await using begun = await begin((chain) => chain.wait("reply", { event: "lead.replied", output: "got" }));
    const { world, runId } = begun;
    await world.waiting(runId);

    // The relay kept it and died before it woke anybody.
    await world.store.eventWaits.keep({ id: "e1", type: "lead.replied", matchKeys: [""], event: { id: "e1", data: { n: 1 } } });
    expect(await wakeByEvent({ ...world, clock: systemClock }, 10)).toBe(1);
    expect(await wakeByEvent({ ...world, clock: systemClock }, 10)).toBe(0);

    expect((await world.ended(runId)).output).toEqual({ got: { n: 1 } });
  });

  test("a worker that died after it had registered: its successor goes on with that wait", async () => {
    const definition = leads((chain) => chain.wait("reply", { event: "lead.replied", output: "got" }));
    await using world = openWorld({ form });
    const runId = await world.accept(definition, "chase");
    const events = [{ type: "lead.replied", matchKey: "" }];
    await world.store.eventWaits.open({ runId, step: 0, wake: 0, since: 0, events, needed: 1 });
    expect(await arrive(world, "e1", { n: 1 })).toBe(0); // it does not wait yet
    await arrive(world, "e2", { n: 2 });

    await world.start([definition]);

    expect((await world.ended(runId)).output).toEqual({ got: { n: 1 } });
  });

  test("a wait whose condition does not hold is skipped, also where its timeout has steps", async () => {
    const options = { event: "lead.replied", timeout: "1d", onTimeout: (arm: Chain) => arm.node("mark", () => ({ late: true })) } as const;
    await using begun = await begin((chain) =>
      chain.wait("reply" as never, options as never, { when: () => false }).node("after" as never, () => ({ reply: "on" })),
    );

    expect((await begun.world.ended(begun.runId)).output).toEqual({ reply: "on" });
  });

  test("match that gives no JSON fails the run and names the field", async () => {
    await using begun = await begin((chain) => chain.wait("reply", { event: "lead.replied", match: { lead: () => undefined as never } }));

    const run = await begun.world.ended(begun.runId);
    expect(run).toMatchObject({ status: "failed", error: { code: "OV_NODE_FAILED", message: expect.stringContaining("lead") } });
  });
});
