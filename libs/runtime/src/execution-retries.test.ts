/** Attempts of a step: how long they wait for each other, and which model they ask. */
import { type Duration, OpenVibeError } from "@openvibe/core";
import { createScripted } from "@openvibe/llm/scripted";
import { type AnyWorkflow, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { type FORMS, inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default(""), fit: z.int().default(0) });
const shop = (chain: AnyWorkflow) => operator("shop", { name: "Shop", workflows: [chain] });
const HOUR = { attempts: 3, backoff: "1h", factor: 2, longest: "1d", jitter: 0 } as const;

/** Lets a waiting run's time come. */
async function pass({ store, wakeDue }: World, runId: string): Promise<number> {
  const [row] = store.database.prepare("SELECT due_at - now_ms() AS left FROM runs WHERE run_id = ?").all(runId);
  store.database.prepare("UPDATE runs SET due_at = 1, look_at = 1 WHERE run_id = ?").run(runId);
  await until(async () => expect(await wakeDue()).toBe(1));
  return Math.round(Number(row?.left) / 60_000);
}

describe("a pause above 30 seconds", () => {
  test("is waited for without a worker, as a retry, and goes on counting", async () => {
    const outcome = await inBothForms(async (form) => {
      const calls: string[] = [];
      const definition = shop(
        workflow("w", { state: State })
          .node("before", () => void calls.push("before"))
          .node(
            "call",
            async (_, ctx) => {
              const kept = await ctx.once("part", () => calls.push("part"));
              ctx.publish("call.made", { n: calls.length });
              calls.push(`call ${kept} ${ctx.attempt}`);
              if (calls.length < 5) throw new Error("busy");
              return { note: "done" };
            },
            { retries: HOUR },
          ),
      );
      await using world = openWorld({ form });
      await world.start([definition], { history: true });
      const runId = await world.accept(definition, "w");

      const { interrupt } = await world.waiting(runId);
      const row = world.row(runId);
      const minutes = [await pass(world, runId)];
      await world.waiting(runId, 1);
      minutes.push(await pass(world, runId));
      const ended = await outcomeOf(world, runId);
      const { records } = await world.store.history.of(runId);
      const kept = () => world.store.database.prepare("SELECT * FROM sub_steps").all();
      await until(() => expect(kept()).toEqual([]));
      return {
        ...ended,
        calls,
        minutes,
        row,
        data: { ...interrupt?.data, until: "" },
        kind: interrupt?.kind,
        tries: records.map(({ tries }) => tries),
      };
    });

    expect(outcome).toMatchObject({ status: "completed", output: { note: "done" }, kind: "retry" });
    expect(outcome.calls).toEqual(["before", "part", "call 2 1", "call 2 2", "call 2 3"]);
    expect(outcome.minutes).toEqual([60, 120]);
    expect(outcome.row).toMatchObject({ position: "call", owner: null });
    expect(outcome.data).toEqual({ attempt: 1, began: 1, error: "busy", until: "" });
    expect(outcome.tries).toEqual([1, 3]);
    expect(outcome.metrics).toMatchObject({ nodes_executed: 2, nodes_failed: 2 });
    expect(outcome.events.map(({ type, nodeId, data }) => [type, nodeId, data.kind ?? data.n])).toEqual([
      ["run.queued", null, undefined],
      ["run.started", null, undefined],
      ["node.completed", "before", undefined],
      ["run.waiting", "call", "retry"],
      ["run.resumed", null, "retry"],
      ["run.waiting", "call", "retry"],
      ["run.resumed", null, "retry"],
      ["call.made", "call", 4],
      ["node.completed", "call", undefined],
      ["run.completed", null, undefined],
    ]);
  });

  test("ends in failure after the last attempt, and never for an error that is not worth it", async () => {
    const ended = async (on?: (error: unknown) => boolean) => {
      const definition = shop(
        workflow("w", { state: State }).node(
          "call",
          () => {
            throw new Error("busy");
          },
          { retries: { ...HOUR, attempts: 2, ...(on === undefined ? {} : { on }) } },
        ),
      );
      await using world = openWorld();
      await world.start([definition]);
      const runId = await world.accept(definition, "w");
      if (on === undefined) {
        await world.waiting(runId);
        await pass(world, runId);
      }
      const { status, metrics } = await world.ended(runId);
      return [status, metrics.nodes_failed];
    };

    expect(await ended()).toEqual(["failed", 2]);
    expect(await ended(() => false)).toEqual(["failed", 1]);
  });

  test("is over for good when a worker dies in the attempt behind it: that attempt is made again", async () => {
    const inside = Promise.withResolvers<void>();
    const calls: number[] = [];
    const definition = shop(
      workflow("w", { state: State }).node(
        "call",
        async (_, ctx) => {
          calls.push(ctx.attempt);
          if (ctx.attempt === 1) throw new Error("busy");
          if (ctx.attempt > 2) return { note: "done" };
          inside.resolve();
          return await new Promise<{ note: string }>(() => {});
        },
        { retries: { ...HOUR, attempts: 2 } },
      ),
    );
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "w");
    await world.waiting(runId);
    await pass(world, runId);
    await inside.promise;

    await first.kill();
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { note: "done" } });
    expect(calls).toEqual([1, 2, 3]);
  });
});

describe("questions of a node that is tried again", () => {
  const Asked = z.object({ what: z.string().default("") });
  const State = z.object({ heard: z.array(z.string()).default([]) });
  const intel = (failsAt: readonly number[], asked: string[]) =>
    operator("intel", {
      name: "Intel",
      workflows: [
        workflow("look", { state: Asked }).node("look_up", (s) => {
          asked.push(s.what);
          if (failsAt.includes(asked.length)) throw new Error("busy");
          return { what: `${s.what}!` };
        }),
      ],
      answers: { look: { workflow: "look", input: (body) => ({ what: String(body) }), reply: (run) => run.output.what ?? null } },
    });

  /** Its second question fails twice: in the first attempt and in the second. */
  const outcomeWith = async (backoff: Duration | number, durable: boolean, pauses: number) => {
    const asked: string[] = [];
    const asker = shop(
      workflow("w", { state: State }).node(
        "ask",
        async (_, ctx) => ({
          heard: [
            await ctx.ask<string>("intel.look", "first", { durable }),
            await ctx.once("part", () => ctx.ask<string>("intel.look", "within", { durable })),
            await ctx.ask<string>("intel.look", "last", { durable }),
          ],
        }),
        { retries: { attempts: 4, backoff, longest: "1d", jitter: 0 } },
      ),
    );
    await using world = openWorld();
    await world.start([asker, intel([2, 4, 5], asked)]);
    const runId = await world.accept(asker, "w");
    for (let pause = 0; pause < pauses; pause++) {
      await until(async () => expect(await world.find(runId)).toMatchObject({ status: "waiting", interrupt: { kind: "retry" } }));
      await pass(world, runId);
    }
    const { status, output, metrics } = await world.ended(runId);
    return { status, heard: output.heard, asked, failed: metrics.nodes_failed };
  };

  test.each([
    ["held", false],
    ["long", true],
  ])("are asked once, and anew only where their runs failed, whether the pause is held or not: %s ones", async (_, durable) => {
    const expected = {
      status: "completed",
      heard: ["first!", "within!", "last!"],
      asked: ["first", "within", "within", "last", "last", "last"],
      failed: 3,
    };

    expect(await outcomeWith(5, durable, 0)).toEqual(expected);
    expect(await outcomeWith("1h", durable, 3)).toEqual(expected);
  });
});

describe("a model step", () => {
  const busy = (code: "OV_LLM_UNAVAILABLE" | "OV_LLM_RATE_LIMITED" | "OV_LLM_REFUSED" | "OV_LLM_AUTH", retryAfterMs?: number) =>
    new OpenVibeError(code, `${code} it said`, retryAfterMs === undefined ? {} : { retryAfterMs });
  type Reply = string | Error;

  /** Runs one llm step against replies by model; gives the outcome and which models were asked. */
  const replied = async (form: (typeof FORMS)[number], step: object, replies: Readonly<Record<string, Reply[]>>, waits = 0) => {
    const left = structuredClone(Object.fromEntries(Object.keys(replies).map((model) => [model, 0])));
    const llm = createScripted(({ model }) => {
      const reply = replies[model]?.[left[model] ?? 0] ?? busy("OV_LLM_AUTH");
      left[model] = (left[model] ?? 0) + 1;
      return reply;
    });
    const definition = shop(workflow("w", { state: State }).llm("say", { model: "haiku", user: "Say!", output: "note", ...step } as never));
    await using world = openWorld({ form });
    await world.start([definition], { llm });
    const runId = await world.accept(definition, "w");
    const minutes: number[] = [];
    for (let wake = 0; wake < waits; wake++) {
      await world.waiting(runId, wake);
      minutes.push(await pass(world, runId));
    }
    const { status, output, error, metrics } = await outcomeOf(world, runId);
    return { status, output, code: error?.code, asked: llm.requests.map(({ model }) => model), minutes, failed: metrics.nodes_failed };
  };
  const inBoth = (...given: [step: object, replies: Readonly<Record<string, Reply[]>>, waits?: number]) =>
    inBothForms((form) => replied(form, ...given));

  test("takes the same words about its attempts as a node, long pauses included", async () => {
    const outcome = await inBoth({ retries: HOUR }, { haiku: [busy("OV_LLM_UNAVAILABLE"), busy("OV_LLM_UNAVAILABLE"), "at last"] }, 2);

    expect(outcome).toMatchObject({ status: "completed", output: { note: "at last" }, minutes: [60, 120], failed: 2 });
  });

  test("waits as long as its vendor asks for where it may wait that long, else fails at once", async () => {
    const asks = { haiku: [busy("OV_LLM_RATE_LIMITED", 3 * 3_600_000), "at last"] };

    expect(await inBoth({ retries: HOUR }, asks, 1)).toMatchObject({ status: "completed", minutes: [180] });
    expect(await inBoth({ retries: 2 }, asks)).toMatchObject({ status: "failed", code: "OV_LLM_RATE_LIMITED", asked: ["haiku"] });
  });

  test("tries again what it says is worth it, and nothing else", async () => {
    const retries = { attempts: 3, backoff: 1, on: (error: unknown) => (error as OpenVibeError).code === "OV_LLM_REFUSED" };

    expect(await inBoth({ retries }, { haiku: [busy("OV_LLM_REFUSED"), "fine"] })).toMatchObject({ status: "completed" });
    expect(await inBoth({ retries }, { haiku: [busy("OV_LLM_UNAVAILABLE"), "fine"] })).toMatchObject({ code: "OV_LLM_UNAVAILABLE" });
  });

  const fallback = ["sonnet", "opus"];
  const quick = { retries: { attempts: 2, backoff: 1, jitter: 0 }, fallback };

  test("asks its other models in turn, each as often as the first", async () => {
    const outcome = await inBoth(quick, {
      haiku: [busy("OV_LLM_UNAVAILABLE"), busy("OV_LLM_RATE_LIMITED")],
      sonnet: [busy("OV_LLM_REFUSED")],
      opus: [busy("OV_LLM_UNAVAILABLE"), "from opus"],
    });

    expect(outcome).toMatchObject({ status: "completed", output: { note: "from opus" }, failed: 4 });
    expect(outcome.asked).toEqual(["haiku", "haiku", "sonnet", "opus", "opus"]);
  });

  test("fails with the last model's error when none answers, and at once with one that is the same for all", async () => {
    const down = [busy("OV_LLM_UNAVAILABLE"), busy("OV_LLM_UNAVAILABLE")];

    expect(await inBoth(quick, { haiku: down, sonnet: down, opus: [busy("OV_LLM_REFUSED")] })).toMatchObject({ code: "OV_LLM_REFUSED" });
    expect(await inBoth(quick, { haiku: [busy("OV_LLM_AUTH")] })).toMatchObject({ code: "OV_LLM_AUTH", asked: ["haiku"] });
  });

  test("stays with the model that answered when its JSON is to be repaired", async () => {
    const outcome = await inBoth(
      { output: undefined, outputs: ["fit"], retries: 0, fallback },
      { haiku: [busy("OV_LLM_REFUSED")], sonnet: ['{"fit": "high"}', '{"fit": 7}'] },
    );

    expect(outcome).toMatchObject({ status: "completed", output: { fit: 7 }, asked: ["haiku", "sonnet", "sonnet"] });
  });

  test("goes on with the model whose turn it was before a long pause", async () => {
    const outcome = await inBoth(
      { retries: { ...HOUR, attempts: 2 }, fallback: ["sonnet"] },
      { haiku: [busy("OV_LLM_REFUSED")], sonnet: [busy("OV_LLM_UNAVAILABLE"), "at last"] },
      1,
    );

    expect(outcome).toMatchObject({ status: "completed", asked: ["haiku", "sonnet", "sonnet"], minutes: [60] });
  });

  test.each([
    [true, true],
    [false, undefined],
    [undefined, undefined],
  ])("with cache %s has its system prompt kept: %s", async (cache, kept) => {
    await using world = openWorld();
    const definition = shop(
      workflow("w", { state: State }).llm("say", {
        model: "haiku",
        system: "Be brief.",
        user: "Say!",
        output: "note",
        ...(cache === undefined ? {} : { cache }),
      }),
    );
    await world.start([definition]);
    await world.ended(await world.accept(definition, "w"));

    expect(world.llm.requests[0]?.cacheSystem).toBe(kept);
  });
});
