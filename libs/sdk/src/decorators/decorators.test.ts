/** Each option of the decorators beside its value: both spellings give one manifest. */
import { definitionOf, type JsonObject, type NodeContext, type OperatorDefinition } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { end, operator as operatorOf, sleep, workflow as workflowOf } from "../index.ts";
import { conditional, durable, humanInTheLoop, llmNode, node, operator, workflow } from "./index.ts";

const Lead = z.object({ text: z.string().default(""), count: z.number().default(0), done: z.boolean().default(false) });
const leads = (chain: Parameters<typeof operatorOf>[1]["workflows"][number]) => operatorOf("leads", { name: "Leads", workflows: [chain] });
const ctx = {} as NodeContext;
const run = (definition: OperatorDefinition, step: string, state: JsonObject = { text: "", count: 0, done: false }) => {
  const code = [...definition.workflows.values()][0]?.steps.get(step);
  if (code?.kind === "node") return code.run(state, ctx);
  if (code?.kind === "llm") return code.prompt(state, ctx);
  if (code?.kind === "branch") return code.choose(state, ctx);
  if (code?.kind === "human") return code.prompt(state, ctx);
  throw new Error(`there is no step ${step} with code`);
};

describe("a workflow of methods is a chain of steps", () => {
  test("with every option that steps take", () => {
    const onComplete = () => {};
    @operator({ id: "leads", name: "Leads", description: "All of them", owner: "VP Sales", output: "slack:#leads" })
    class Leads {
      text = "";
      count = 0;
      done = false;

      @workflow({
        id: "lead",
        description: "One of them",
        triggers: { new_lead: "webhook:hubspot_lead", nightly: "cron:0 7 * * *" },
        timeout: "5m",
        onComplete,
      })
      @durable({ maxDays: 14 })
      static Lead = class {
        @llmNode({ model: "haiku", maxTokens: 100, temperature: 0, timeout: "30s", retries: 1, outputKey: "text" })
        async read(state: Leads, { runId }: NodeContext) {
          return { user: `${state.text} ${runId}` };
        }

        @llmNode({ model: "sonnet", outputFormat: "json" })
        one() {
          return { user: "How many?", outputKey: "count" };
        }

        @llmNode({
          model: "sonnet",
          fallback: ["haiku"],
          cache: true,
          when: (s: Leads) => s.count > 0,
          retries: { attempts: 2, backoff: "1m", longest: "1h" },
        })
        several() {
          return { user: "How many?", outputKeys: ["count", "done"] };
        }

        @llmNode({ model: "sonnet", parse: (reply) => ({ text: reply.toUpperCase() }) })
        parsed() {
          return { user: "Say" };
        }

        @node({ timeout: "10s", pure: true, retries: { attempts: 3, backoff: "2s" }, when: (s: Leads) => s.done })
        tell() {}

        @humanInTheLoop({
          prompt: "Well?",
          when: (s: Leads) => !s.done,
          answer: ["done"],
          timeout: "2d",
          default: { done: false },
          reminder: "1d",
          approvers: { of: ["ann", "bob"], needed: 1 },
        })
        ask() {}

        @conditional<Leads>({ routes: { yes: (s) => s.done, no: (s) => !s.done }, timeout: "1s" })
        decide() {}
      };
    }
    const values = operatorOf("leads", {
      name: "Leads",
      description: "All of them",
      owner: "VP Sales",
      output: "slack:#leads",
      workflows: [
        workflowOf("lead", {
          state: Lead,
          description: "One of them",
          triggers: { new_lead: "webhook:hubspot_lead", nightly: "cron:0 7 * * *" },
          timeout: "5m",
          durable: { maxDays: 14 },
          onComplete,
        })
          .llm("read", { model: "haiku", maxTokens: 100, temperature: 0, timeout: "30s", retries: 1, user: "", output: "text" })
          .llm("one", { model: "sonnet", user: "", outputs: ["count"] })
          .llm("several", {
            model: "sonnet",
            fallback: ["haiku"],
            cache: true,
            when: (s) => s.count > 0,
            retries: { attempts: 2, backoff: "1m", longest: "1h" },
            user: "",
            outputs: ["count", "done"],
          })
          .llm("parsed", { model: "sonnet", user: "", parse: (reply) => ({ text: reply }) })
          .node("tell", () => {}, { timeout: "10s", pure: true, retries: { attempts: 3, backoff: "2s" }, when: (s) => s.done })
          .human("ask", {
            prompt: "Well?",
            when: (s) => !s.done,
            answer: ["done"],
            timeout: "2d",
            default: { done: false },
            reminder: "1d",
            approvers: { of: ["ann", "bob"], needed: 1 },
          })
          .branch("decide", (s) => (s.done ? "yes" : "no"), { yes: null, no: null }, { timeout: "1s" }),
      ],
    });

    expect(definitionOf(Leads).manifest).toEqual(values.manifest);
    expect(definitionOf(Leads).workflows.get("lead")?.onComplete).toBe(onComplete);
    expect(definitionOf(Leads).workflows.get("lead")?.steps.get("read")).not.toHaveProperty("schema");
  });

  test("whose routes and timeouts have arms: methods right behind them, one named like its route or several that it names", () => {
    @operator({ id: "leads", name: "Leads" })
    class Leads {
      text = "";
      count = 0;
      done = false;

      @workflow({ id: "lead" })
      static Lead = class {
        @conditional<Leads>({
          routes: {
            sales: (s) => s.count > 80,
            "start-nurture": { when: (s) => s.count > 50, steps: ["pick", "write"] },
            educate: () => true,
          },
        })
        decide() {}

        @node
        sales() {
          return { done: true };
        }

        @conditional<Leads>({ routes: { long: (s) => s.text.length > 10, short: () => true } })
        pick() {}

        @node
        long() {}

        @node
        write() {}

        @humanInTheLoop({ prompt: "Well?", answer: ["done"], timeout: "1d", onTimeout: ["escalate"] })
        ask() {}

        @node
        escalate() {}

        @node
        updateCRM() {}
      };
    }
    const values = leads(
      workflowOf("lead", { state: Lead })
        .branch("decide", (s) => (s.count > 80 ? "sales" : s.count > 50 ? "start-nurture" : "educate"), {
          sales: (arm) => arm.node("sales", () => ({ done: true })),
          "start-nurture": (arm) =>
            arm
              .branch("pick", (s) => (s.text.length > 10 ? "long" : "short"), {
                long: (inner) => inner.node("long", () => {}),
                short: null,
              })
              .node("write", () => {}),
          educate: null,
        })
        .human("ask", { prompt: "Well?", answer: ["done"], timeout: "1d", onTimeout: (arm) => arm.node("escalate", () => {}) })
        .node("update_crm", () => {}),
    );

    expect(definitionOf(Leads).manifest).toEqual(values.manifest);
  });

  test("whose routes may lead to another method, or to the end of the run; and which keeps no steps", () => {
    @operator({ id: "leads", name: "Leads" })
    class Leads {
      text = "";
      count = 0;
      done = false;

      @workflow({ id: "lead", checkpointed: false })
      static Lead = class {
        @node
        addOne(state: Leads) {
          return { count: state.count + 1 };
        }

        @conditional<Leads>({
          routes: { again: { when: (s) => s.count < 3, goto: "addOne" }, over: { when: (s) => s.done, end: true }, on: () => true },
        })
        decide() {}

        @node
        close() {}
      };
    }
    const values = leads(
      workflowOf("lead", { state: Lead, checkpointed: false })
        .node("add_one", (s) => ({ count: s.count + 1 }))
        .branch("decide", (s) => (s.count < 3 ? "again" : s.done ? "over" : "on"), { again: "add_one", over: end(), on: null })
        .node("close", () => {}),
    );

    expect(definitionOf(Leads).manifest).toEqual(values.manifest);
  });

  test("on a static field, on a class expression, on a class of its own, and beside workflows that are values", () => {
    @workflow({ id: "own" })
    class Own {
      static state = z.object({ seen: z.array(z.string()).default([]) });

      @node
      see() {
        return { seen: ["x"] };
      }
    }
    @workflow({ id: "shared" })
    class Shared {
      @node
      count(state: { count: number }) {
        return { count: state.count + 1 };
      }
    }
    @operator({ id: "leads", name: "Leads", workflows: [Own, Shared, workflowOf("value", { state: Lead }).node("n", () => {})] })
    class Leads {
      count = 0;

      @workflow({ id: "field" })
      static Field = class {
        @node
        n() {}
      };

      static Expression =
        @workflow({ id: "expression" })
        class {
          @node
          n() {}
        };
    }

    const { manifest } = definitionOf(Leads);

    expect(manifest.workflows.map(({ id, state_fields }) => [id, state_fields])).toEqual([
      ["field", ["count"]],
      ["expression", ["count"]],
      ["own", ["seen"]],
      ["shared", ["count"]],
      ["value", ["text", "count", "done"]],
    ]);
  });

  test("beside chains of values in static fields: loops, waits and children, which have no decorator", () => {
    @operator({ id: "leads", name: "Leads" })
    class Leads {
      static state = Lead;

      static Chase = workflowOf("chase", { state: Leads.state, triggers: { new_lead: "event:lead.new" } }).loop(
        "remind",
        { until: (s) => s.count >= 3, maxIterations: 3 },
        (body) => body.run("tell", { workflow: "tell", input: (s) => ({ text: s.text }), map: () => ({}) }).wait("cool_down", "3d"),
      );

      @workflow({ id: "tell" })
      static Tell = class {
        @node
        say() {}
      };
    }
    const values = operatorOf("leads", {
      name: "Leads",
      workflows: [
        workflowOf("chase", { state: Lead, triggers: { new_lead: "event:lead.new" } }).loop(
          "remind",
          { until: (s) => s.count >= 3, maxIterations: 3 },
          (body) => body.run("tell", { workflow: "tell", input: (s) => ({ text: s.text }), map: () => ({}) }).wait("cool_down", "3d"),
        ),
        workflowOf("tell", { state: Lead }).node("say", () => {}),
      ],
    });

    expect(definitionOf(Leads).manifest).toEqual(values.manifest);
    expect(definitionOf(Leads).version).toBe(values.version);
  });

  test("with ids of its own where they are given, for those whose build renames methods", () => {
    @operator({ id: "leads", name: "Leads" })
    class Leads {
      done = false;

      @workflow({ id: "lead" })
      static Lead = class {
        @llmNode({ id: "ask_model", model: "haiku", outputKeys: ["done"] })
        a() {
          return { user: "?" };
        }
        @node({ id: "tell" })
        b() {}
        @humanInTheLoop({ id: "ask_people", prompt: "?", answer: ["done"] })
        c() {}
        @conditional({ id: "decide", routes: { yes: () => true } })
        d() {}
      };
    }

    expect(definitionOf(Leads).manifest.workflows[0]?.steps.map(({ id }) => id)).toEqual(["ask_model", "tell", "ask_people", "decide"]);
  });

  test("which answers what other operators ask", () => {
    @operator({
      id: "leads",
      name: "Leads",
      answers: { count: { workflow: "lead", input: () => ({ count: 1 }), reply: ({ output }) => output } },
    })
    class Leads {
      count = 0;

      @workflow({ id: "lead" })
      static Lead = class {
        @node
        n() {}
      };
    }

    expect(definitionOf(Leads).manifest.answers).toEqual({ count: "lead" });
    expect(definitionOf(Leads).answers.get("count")?.input(null)).toEqual({ count: 1 });
  });

  test("which hears what its runs come to", () => {
    const heard = () => {};
    @operator({ id: "leads", name: "Leads", on: { "run.completed": ({ data }) => data.output, "node.error": heard } })
    class Leads {
      count = 0;

      @workflow({ id: "lead" })
      static Lead = class {
        @node
        n() {}
      };
    }

    expect(definitionOf(Leads).hooks?.map(({ type }) => type)).toEqual(["run.completed", "node.failed"]);
    expect(definitionOf(Leads).hooks?.[1]?.call).toBe(heard);
  });
});

describe("what a method returns", () => {
  @operator({ id: "leads", name: "Leads" })
  class Leads {
    text = "";
    count = 0;
    done = false;

    @workflow({ id: "lead" })
    static Lead = class {
      #step = 2;

      plus(count: number) {
        return count + this.#step;
      }

      @node
      add(state: Leads) {
        return { count: this.plus(state.count) };
      }

      @node
      pause(state: Leads) {
        return { text: "later", ...(state.done ? {} : { waitDuration: "3d" as const }) };
      }

      @node
      async stop(state: Leads) {
        return state.done ? end({ count: 1 }) : sleep("1h");
      }

      @node
      oddPause() {
        return { waitDuration: "3 dayz" };
      }

      @node
      keep() {
        Object.assign(this, { kept: 1 });
      }

      @llmNode({ model: "haiku" })
      write(state: Leads) {
        return { system: "Be kind.", user: `${state.count}`, outputKey: state.count > 5 ? "notes" : "text" };
      }

      @llmNode({ model: "haiku", outputKey: "text" })
      async ask(state: Leads, { runId }: NodeContext): Promise<{ user: string }> {
        return { user: `${runId}${state.count}` };
      }

      @llmNode({ model: "haiku", outputKey: "text" })
      odd() {
        return { user: "?", sytem: "?" };
      }

      @llmNode({ model: "haiku", outputKey: "text" })
      number() {
        return { user: 7 as unknown as string };
      }

      @conditional<Leads>({ routes: { many: (s) => s.count > 70, some: (s) => s.count > 30, none: (s) => s.count === 0 } })
      decide(state: Leads) {
        return { text: undefined, count: state.done ? 100 : undefined };
      }

      @conditional({ routes: { yes: async () => true } as never })
      promised() {}

      @humanInTheLoop({ prompt: "Well?", answer: ["done"] })
      approve(state: Leads) {
        if (state.count > 0) return `Shall we, ${state.count}?`;
      }

      @humanInTheLoop({ answer: ["done"] })
      nothing() {}
    };
  }
  const definition = definitionOf(Leads);
  const given = (changes: JsonObject = {}) => ({ text: "", count: 0, done: false, ...changes });
  const refusal = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });

  test("is a patch; the class's other methods and private fields are at hand", async () => {
    expect(await run(definition, "add", given({ count: 3 }))).toEqual({ count: 5 });
  });

  test("with waitDuration is a sleep, and without it a patch", async () => {
    expect(await run(definition, "pause")).toMatchObject({ patch: { text: "later" }, next: { kind: "sleep", durationMs: 259_200_000 } });
    expect(await run(definition, "pause", given({ done: true }))).toEqual({ text: "later" });
    expect(await run(definition, "stop", given({ done: true }))).toMatchObject({ patch: { count: 1 }, next: { kind: "end" } });
    await expect(run(definition, "odd_pause")).rejects.toThrow(
      refusal("OV_DEFINITION_INVALID", 'class Leads, static Lead, method oddPause, waitDuration: "3 dayz" is no duration'),
    );
  });

  test("is all that goes on to the next step: nothing can be kept in the class", async () => {
    await expect(run(definition, "keep")).rejects.toThrow(TypeError);
  });

  test("is a prompt, whose answer goes where was said at load", async () => {
    expect(await run(definition, "write", given({ count: 1 }))).toEqual({ system: "Be kind.", user: "1" });
    await expect(run(definition, "write", given({ count: 6 }))).rejects.toThrow(
      refusal("OV_NODE_FAILED", "method write: its answer goes into text, as was said at load; now it returned notes"),
    );
    await expect(run(definition, "odd")).rejects.toThrow(
      refusal("OV_NODE_FAILED", 'returned "sytem" in its prompt; allowed are system, user'),
    );
    await expect(run(definition, "number")).rejects.toThrow(
      refusal("OV_NODE_FAILED", "returned a value of type number as user; allowed is a text"),
    );
  });

  test("is set before the routes are looked at; the first that holds wins", async () => {
    expect(await run(definition, "decide", given({ count: 80 }))).toEqual({ route: "many", set: {} });
    expect(await run(definition, "decide", given({ count: 50 }))).toEqual({ route: "some", set: {} });
    expect(await run(definition, "decide", given({ done: true }))).toEqual({ route: "many", set: { count: 100, text: undefined } });
  });

  test("when no route holds, the run fails with the values that were looked at, texts left out", async () => {
    await expect(run(definition, "decide", given({ count: 7, text: "secret" }))).rejects.toThrow(
      refusal("OV_ROUTE_UNKNOWN", "method decide: none of its routes many, some, none holds for text (6 characters), count=7, done=false"),
    );
    await expect(run(definition, "promised")).rejects.toThrow(
      refusal("OV_NODE_FAILED", 'route "yes" gave a promise; allowed is true or false'),
    );
  });

  test("is the question to people, or the one in the options", async () => {
    expect(await run(definition, "approve")).toBe("Well?");
    expect(await run(definition, "approve", given({ count: 2 }))).toBe("Shall we, 2?");
    await expect(run(definition, "nothing")).rejects.toThrow(refusal("OV_NODE_FAILED", "there is no prompt; allowed is a text"));
  });
});
