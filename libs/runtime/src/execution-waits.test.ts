/** Runs that wait: for time, for people; and what a crash meanwhile leaves of it. */
import type { JsonObject } from "@openvibe/core";
import { end, goto, operator, sleep, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const Deal = z.object({
  mails: z.number().default(0),
  approved: z.boolean().default(false),
  comment: z.string().default(""),
  note: z.string().default(""),
});
const deals = (chain: Parameters<typeof operator>[1]["workflows"][number]) => operator("deals", { name: "Deals", workflows: [chain] });
const deal = () => workflow("deal", { state: Deal });

describe.each(FORMS)("in the form %s", (form) => {
  describe("a wait", () => {
    test("parks the run with its state, and goes on behind itself when its time has come", async () => {
      let before = 0;
      const definition = deals(
        deal()
          .node("mail", (s) => {
            before++;
            return { mails: s.mails + 1 };
          })
          .wait("cool_down", 300)
          .node("mail_again", (s) => ({ mails: s.mails + 1 })),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");

      const waiting = await world.waiting(runId);
      expect(waiting.interrupt).toMatchObject({ kind: "timer", node_id: "cool_down", data: { until: expect.any(String) } });
      expect(world.row(runId)).toMatchObject({ position: "cool_down", state: { mails: 1 }, owner: null });
      await until(async () => expect(await world.wakeDue()).toBe(1));

      expect((await world.ended(runId)).output).toEqual({ mails: 2 });
      expect(before).toBe(1);
      const types = (await world.told(runId)).map(({ type, nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`));
      expect(types).toEqual([
        "run.queued",
        "run.started",
        "node.completed mail",
        "run.waiting cool_down",
        "run.resumed",
        "node.completed cool_down",
        "node.completed mail_again",
        "run.completed",
      ]);
    });

    test("until a time that code says; one that has passed is not waited for", async () => {
      const ahead = new Date(Date.now() + 3_600_000);
      const definition = deals(
        deal()
          .wait("past", { until: () => "2020-01-01T00:00:00Z" })
          .wait("ahead", { until: () => ahead }),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");

      expect((await world.waiting(runId)).interrupt?.data).toEqual({ until: ahead.toISOString() });
      expect(await world.wakeDue()).toBe(0);
    });

    test.each([
      ["a time without its zone", () => "2026-11-22T10:00"],
      ["nothing", () => undefined as unknown as string],
    ])("%s fails the node with what is allowed", async (_, time) => {
      const definition = deals(deal().wait("odd", { until: time }));
      await using world = openWorld({ form });
      await world.start([definition]);

      const { status, error } = await world.ended(await world.accept(definition, "deal"));

      expect(status).toBe("failed");
      expect(error).toMatchObject({
        code: "OV_NODE_FAILED",
        message: expect.stringContaining("allowed is a Date, ISO 8601"),
        node_id: "odd",
      });
    });
  });

  describe("a human", () => {
    const asked = () =>
      deal()
        .node("offer", () => ({ note: "10 %" }))
        .human("approve", { prompt: (s) => `Give ${s.note} off?`, answer: ["approved", "comment"] })
        .branch("decide", (s) => (s.approved ? "yes" : "no"), {
          yes: (arm) => arm.node("sign", () => ({ note: "signed" })),
          no: null,
        });

    test("is asked with a prompt and a schema, and its answer becomes state", async () => {
      const definition = deals(asked());
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");

      const { interrupt } = await world.waiting(runId);
      expect(interrupt).toMatchObject({ kind: "human", node_id: "approve", data: { prompt: "Give 10 % off?" } });
      expect(interrupt?.data.schema).toMatchObject({ required: ["approved", "comment"], additionalProperties: false });
      expect(await world.answer(runId, { answer: { approved: true, comment: "fine" } })).toBe(true);

      expect((await world.ended(runId)).output).toEqual({ approved: true, comment: "fine", note: "signed" });
      const waiting = (await world.told(runId)).find(({ type }) => type === "run.waiting");
      expect(waiting).toMatchObject({ nodeId: "approve", data: { kind: "human", prompt: "Give 10 % off?", schema: { type: "object" } } });
    });

    test("of twenty answers at once one counts", async () => {
      const definition = deals(asked());
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      await world.waiting(runId);

      const won = await Promise.all(
        Array.from({ length: 20 }, (_, n) => world.answer(runId, { answer: { approved: false, comment: `${n}` } }).catch(() => false)),
      );

      const winner = won.indexOf(true);
      expect(won.filter((one) => one)).toHaveLength(1);
      expect((await world.ended(runId)).output).toMatchObject({ comment: `${winner}` });
    });

    test("who does not answer in time is answered for by the default", async () => {
      const definition = deals(
        deal().human("approve", { prompt: "Well?", answer: ["approved", "comment"], timeout: 1, default: { comment: "nobody answered" } }),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      expect((await world.waiting(runId)).interrupt?.data).toMatchObject({ deadline: expect.any(String) });

      await until(async () => expect(await world.wakeDue()).toBe(1));

      expect((await world.ended(runId)).output).toEqual({ comment: "nobody answered" });
    });

    test("or by steps of their own, which an answer in time does not meet", async () => {
      const definition = deals(
        deal()
          .human("approve", {
            prompt: "Well?",
            answer: ["approved"],
            timeout: 1,
            onTimeout: (arm) => arm.node("escalate", () => ({ note: "escalated" })),
          })
          .node("file", (s) => ({ comment: `filed ${s.note}` })),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const late = await world.accept(definition, "deal");
      const prompt = await world.accept(definition, "deal");
      await world.waiting(late);
      await world.waiting(prompt);

      expect(await world.answer(prompt, { answer: { approved: true } })).toBe(true);
      await until(async () => expect(await world.wakeDue()).toBe(1));

      expect((await world.ended(prompt)).output).toEqual({ approved: true, comment: "filed " });
      expect((await world.ended(late)).output).toEqual({ note: "escalated", comment: "filed escalated" });
    });

    test("without either the run fails", async () => {
      const definition = deals(deal().human("approve", { prompt: "Well?", answer: ["approved"], timeout: 1 }));
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      await world.waiting(runId);
      await until(async () => expect(await world.wakeDue()).toBe(1));

      expect((await world.ended(runId)).error).toMatchObject({ code: "OV_ANSWER_TIMEOUT", node_id: "approve" });
    });

    test("is reminded once, and may answer after that", async () => {
      const definition = deals(deal().human("approve", { prompt: "Well?", answer: ["approved"], reminder: 1, timeout: "1h" }));
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      await world.waiting(runId);

      await until(async () => expect(await world.wakeDue()).toBe(1));
      expect((await world.waiting(runId, 1)).interrupt?.data).toMatchObject({ reminded: true });
      expect(await world.wakeDue()).toBe(0);
      expect(await world.answer(runId, { answer: { approved: true } })).toBe(true);

      expect((await world.ended(runId)).output).toEqual({ approved: true });
      expect((await world.told(runId)).filter(({ type }) => type === "run.waiting")).toHaveLength(2);
    });

    test("several people: the run waits until enough of them have answered, and one no is a no", async () => {
      const definition = deals(
        deal().human("approve", { prompt: "Well?", answer: ["approved"], approvers: { of: ["ann", "bob", "cy"], needed: 2 } }),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      await world.waiting(runId);

      await world.answer(runId, { by: "bob", answer: { approved: false } });
      const { interrupt } = await world.waiting(runId, 1);
      expect(interrupt?.data).toMatchObject({ answers: [{ by: "bob", answer: { approved: false } }] });
      await world.answer(runId, { by: "ann", answer: { approved: true } });

      expect((await world.ended(runId)).output).toEqual({ approved: false });
    });
  });

  describe("a loop", () => {
    test("runs its body as long as its condition holds, each pass with effect keys of its own", async () => {
      const keys: string[] = [];
      const definition = deals(
        deal()
          .loop("chase", { while: (s) => s.mails < 3, maxIterations: 5 }, (body) =>
            body
              .node("mail", (s, ctx) => {
                keys.push(ctx.effectKey.replace(ctx.runId, "run"));
                return { mails: s.mails + 1 };
              })
              .branch("odd", (s) => (s.mails % 2 === 1 ? "odd" : "even"), {
                odd: (arm) => arm.node("note_it", (s) => ({ note: `${s.note}${s.mails}` })),
                even: null,
              }),
          )
          .node("after", () => ({ comment: "done" })),
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { output } = await world.ended(await world.accept(definition, "deal"));

      expect(output).toEqual({ mails: 3, note: "13", comment: "done" });
      expect(keys).toEqual(["run:mail:1", "run:mail:2", "run:mail:3"]);
    });

    test("a body that never comes to an end fails the run at its limit", async () => {
      const definition = deals(
        deal().loop("forever", { until: () => false, maxIterations: 7 }, (body) => body.node("mail", (s) => ({ mails: s.mails + 1 }))),
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const run = await world.ended(await world.accept(definition, "deal"));

      expect(run.error).toMatchObject({ code: "OV_LOOP_LIMIT", node_id: "forever", message: expect.stringContaining("7 passes") });
      expect(world.row(run.runId).state).toEqual({ mails: 7 });
    });

    test("a wait in it is met in each pass, also across a restart of the worker", async () => {
      const definition = deals(
        deal().loop("chase", { until: (s) => s.approved || s.mails === 3, maxIterations: 5 }, (body) =>
          body.node("mail", (s) => ({ mails: s.mails + 1 })).human("ask", { prompt: "Well?", answer: ["approved"] }),
        ),
      );
      await using world = openWorld({ form });
      const first = await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      await world.waiting(runId);
      expect(world.row(runId).position).toBe("ask@chase=1");
      await first.stop();
      await world.start([definition]);

      await world.answer(runId, { answer: { approved: false } });
      await world.waiting(runId, 1);
      expect(world.row(runId).position).toBe("ask@chase=2");
      await world.answer(runId, { answer: { approved: true } });

      expect((await world.ended(runId)).output).toEqual({ mails: 2, approved: true });
    });

    test("loops within loops count their passes apart", async () => {
      const keys: string[] = [];
      const definition = deals(
        deal().loop("outer", { while: (s) => s.mails < 4, maxIterations: 5 }, (outer) =>
          outer
            .loop("inner", { while: (s) => s.note.length < 2, maxIterations: 5 }, (inner) =>
              inner.node("mail", (s, ctx) => {
                keys.push(ctx.effectKey.split(":").at(-1) ?? "");
                return { mails: s.mails + 1, note: `${s.note}x` };
              }),
            )
            .node("reset", () => ({ note: "" })),
        ),
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      expect((await world.ended(await world.accept(definition, "deal"))).output).toEqual({ mails: 4, note: "" });
      expect(keys).toEqual(["1.1", "1.2", "2.1", "2.2"]);
    });
  });

  describe("a node that says how to go on", () => {
    test("sleeps: its patch is kept, and the next step runs when the time has come", async () => {
      const definition = deals(
        deal()
          .node("mail", (s) => sleep(1, { mails: s.mails + 1 }))
          .node("note_it", () => ({ note: "awake" })),
      );
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");

      expect((await world.waiting(runId)).interrupt).toMatchObject({ kind: "timer", node_id: "mail" });
      expect(world.row(runId)).toMatchObject({ position: "note_it", state: { mails: 1 } });
      await until(async () => expect(await world.wakeDue()).toBe(1));

      expect((await world.ended(runId)).output).toEqual({ mails: 1, note: "awake" });
    });

    test("sleeps as the last step, and the run ends behind that", async () => {
      const definition = deals(deal().node("mail", () => sleep("1ms", { mails: 1 })));
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");
      await world.waiting(runId);

      await until(async () => expect(await world.wakeDue()).toBe(1));

      expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { mails: 1 } });
    });

    test.each([undefined, "told"])("ends the run where it is (onComplete: %s)", async (told) => {
      const seen: string[] = [];
      const onComplete = () => void seen.push("told");
      const definition = deals(
        workflow("deal", { state: Deal, ...(told === undefined ? {} : { onComplete }) })
          .node("mail", () => end({ mails: 1 }))
          .node("never", () => ({ note: "never" })),
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const runId = await world.accept(definition, "deal");
      expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { mails: 1 } });

      expect((await world.told(runId)).filter(({ type }) => type === "node.completed").map(({ nodeId }) => nodeId)).toEqual(["mail"]);
      expect(seen).toEqual(told === undefined ? [] : [told]);
    });

    test("goes to another step, forwards and back, out of a loop too", async () => {
      const trail: string[] = [];
      const definition = deals(
        deal()
          .node("start", (s) => {
            trail.push(`start ${s.mails}`);
            return s.mails === 0 ? goto("last") : {};
          })
          .loop("chase", { while: () => true, maxIterations: 9 }, (body) =>
            body.node("mail", (s) => {
              trail.push(`mail ${s.mails}`);
              return s.mails < 3 ? { mails: s.mails + 1 } : goto("finish", { note: "enough" });
            }),
          )
          .node("last", (s) => {
            trail.push(`last ${s.mails}`);
            return goto("start", { mails: 1 });
          })
          .node("finish", () => ({ comment: "done" })),
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const run = await world.ended(await world.accept(definition, "deal"));

      expect(run).toMatchObject({ status: "completed", output: { mails: 3, note: "enough", comment: "done" } });
      expect(trail).toEqual(["start 0", "last 0", "start 1", "mail 1", "mail 2", "mail 3"]);
    });

    test.each([
      ["nowhere", "which is no step; allowed are start, chase"],
      ["mail", "which stands in a loop that start does not"],
    ])("to %s fails, and nothing of it is kept", async (target, message) => {
      const definition = deals(
        deal()
          .node("start", () => goto(target, { mails: 1 }))
          .loop("chase", { while: () => false, maxIterations: 1 }, (body) => body.node("mail", () => ({}))),
      );
      await using world = openWorld({ form });
      await world.start([definition]);

      const { error, runId } = await world.ended(await world.accept(definition, "deal"));

      expect(error).toMatchObject({ code: "OV_ROUTE_UNKNOWN", message: expect.stringContaining(message), node_id: "start" });
      expect(world.row(runId).state).toEqual({});
    });
  });

  describe("a node with retries", () => {
    const flaky = (failures: number, retries: object | number) => {
      let calls = 0;
      return deals(
        deal().node(
          "call",
          (_, ctx) => {
            ctx.publish("deal.tried", { call: ++calls });
            if (calls <= failures) throw new Error(calls === 2 ? "for good" : "try again");
            return { mails: calls };
          },
          { retries: retries as never },
        ),
      );
    };

    test("is tried again, and what its failed attempts published is not told", async () => {
      const definition = flaky(2, { attempts: 3, backoff: 1 });
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "deal");

      const { output, metrics } = await world.ended(runId);

      expect(output).toEqual({ mails: 3 });
      expect(metrics).toMatchObject({ nodes_executed: 1, nodes_failed: 2 });
      expect((await world.told(runId)).filter(({ type }) => type === "deal.tried").map(({ data }) => data)).toEqual([{ call: 3 }]);
    });

    test.each<[string, JsonObject | object, number]>([
      ["as often as it says", { attempts: 2, backoff: 1 }, 2],
      ["and not for an error that is not worth it", { attempts: 5, backoff: 1, on: (e: Error) => e.message !== "for good" }, 2],
    ])("%s", async (_, retries, attempts) => {
      const definition = flaky(9, retries);
      await using world = openWorld({ form });
      await world.start([definition]);

      const { status, metrics } = await world.ended(await world.accept(definition, "deal"));

      expect(status).toBe("failed");
      expect(metrics.nodes_failed).toBe(attempts);
    });
  });
});
