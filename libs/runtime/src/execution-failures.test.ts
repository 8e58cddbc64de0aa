/** What a run does when an author's code goes wrong: the same in both graph forms. */
import { OpenVibeError } from "@openvibe/core";
import { workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { runInBothForms } from "./forms-for-tests.ts";

const State = z.object({
  value: z.unknown().default(null),
  list: z.array(z.int()).default([]),
  note: z.string().default(""),
  choose: z.string().default(""),
});
/** A node's code that does what types forbid. */
const anyway = (run: () => unknown) => run as unknown as () => { note: string };

describe("a patch that cannot be kept", () => {
  class Money {
    readonly amount = 1;
  }
  const cycle: Record<string, unknown> = {};
  cycle.self = { cycle };

  test.each<[what: string, patch: unknown, path: string]>([
    ["a Date", { value: new Date(0) }, "/value"],
    ["a Map", { value: { inside: [new Map()] } }, "/value/inside/0"],
    ["NaN", { value: [1, Number.NaN] }, "/value/1"],
    ["a class instance", { value: new Money() }, "/value"],
    ["a function", { value: { run: () => 1 } }, "/value/run"],
    ["a bigint", { value: 1n }, "/value"],
    ["a cycle", { value: cycle }, "/value/self/cycle"],
    ["the key __proto__", { value: JSON.parse('{"a": {"__proto__": {"admin": true}}}') }, "/value/a/__proto__"],
    ["the key __proto__ at its top", JSON.parse('{"__proto__": {"admin": true}}'), "/__proto__"],
    ["an object tagged as LangChain's", { value: { lc: 1, type: "constructor", id: ["x"], kwargs: {} } }, "/value/lc"],
    ["an unknown key", { note: "x", nte: "y" }, "/nte"],
    ["a value of the wrong type", { list: [1, "2"] }, "/list/1"],
  ])("%s fails the run with the path", async (_, patch, path) => {
    const { status, error, output } = await runInBothForms({
      workflow: workflow("w", { state: State })
        .node(
          "bad",
          anyway(() => patch),
        )
        .node("never", () => ({ note: "reached" })),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_PATCH_INVALID", node_id: "bad", message: expect.stringContaining(path) });
    expect(output).toEqual({});
  });

  test.each<[what: string, returned: unknown]>([
    ["an array", [{ note: "x" }]],
    ["a string", "note"],
    ["a number", 7],
    ["a function", () => ({})],
    ["a Date", new Date(0)],
    ["a Map", new Map([["note", "x"]])],
    ["a class instance", new Money()],
  ])("%s in place of a patch fails the run", async (_, returned) => {
    const { status, error } = await runInBothForms({
      workflow: workflow("w", { state: State }).node(
        "bad",
        anyway(() => returned),
      ),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_PATCH_INVALID", node_id: "bad" });
  });

  test.each<[what: string, set: unknown]>([
    ["a Date", new Date(0)],
    ["a Map", new Map()],
    ["an array", []],
    ["an unknown key", { nte: "y" }],
  ])("%s in a branch's set fails the run, also where a field receives the route", async (_, set) => {
    const { status, error } = await runInBothForms({
      workflow: workflow("w", { state: State }).branch("choose", () => ({ route: "go", set: set as { note: string } }), { go: null }),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_PATCH_INVALID", node_id: "choose" });
  });

  test.each([undefined, null, {}])("%j changes nothing", async (returned) => {
    const { status, output } = await runInBothForms({
      workflow: workflow("w", { state: State }).node(
        "n",
        anyway(() => returned),
      ),
    });

    expect([status, output]).toEqual(["completed", {}]);
  });
});

describe("a branch's choice", () => {
  test.each<[what: string, choice: unknown]>([
    ["an unknown route", "left"],
    ["a word of every object", "toString"],
    ["nothing", undefined],
    ["null", null],
    ["a number", 1],
    ["an object without a route", {}],
    ["an array", ["go"]],
  ])("that is %s fails the run, naming the routes", async (_, choice) => {
    const { status, error } = await runInBothForms({
      workflow: workflow("w", { state: State }).branch("choose", () => choice as "go", { go: null, come: null } as { go: null }),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_ROUTE_UNKNOWN", node_id: "choose", message: expect.stringContaining("go, come") });
  });
});

describe("what a node throws", () => {
  test.each<[what: string, thrown: unknown, code: string, message: string]>([
    ["an error", new Error("no stock"), "OV_NODE_FAILED", "no stock"],
    ["an error without a message", new TypeError(""), "OV_NODE_FAILED", "TypeError"],
    ["an error that is frozen", Object.freeze(new Error("frozen")), "OV_NODE_FAILED", "frozen"],
    ["one of our own errors", new OpenVibeError("OV_LLM_REFUSED", "no"), "OV_LLM_REFUSED", "no"],
    ["a text", "plain text", "OV_NODE_FAILED", "plain text"],
    ["null", null, "OV_NODE_FAILED", "the code threw null"],
    ["undefined", undefined, "OV_NODE_FAILED", "the code threw undefined"],
    ["an object", { status: 500 }, "OV_NODE_FAILED", '{"status":500}'],
  ])("as %s fails the run with a sentence", async (_, thrown, code, message) => {
    const { status, error, events, metrics } = await runInBothForms({
      workflow: workflow("w", { state: State })
        .node("fine", () => ({ note: "kept" }))
        .node("bad", () => {
          throw thrown;
        }),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code, node_id: "bad", message: expect.stringContaining(message) });
    expect(events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "node.failed", "run.failed"]);
    expect(events.at(-1)?.data).toMatchObject({ status: "failed", error });
    expect(metrics).toMatchObject({ nodes_executed: 1, nodes_failed: 1 });
  });

  const bang = (): never => {
    throw new Error("bang");
  };
  test.each([
    ["a prompt", workflow("w", { state: State }).llm("bad", { model: "haiku", user: bang, output: "note" })],
    ["a parse", workflow("w", { state: State }).llm("bad", { model: "haiku", user: "?", parse: bang })],
    ["a choice", workflow("w", { state: State }).branch("bad", (): "go" => bang(), { go: null })],
  ])("fails the run alike from %s", async (_, bad) => {
    const { status, error } = await runInBothForms({ workflow: bad });

    expect(status).toBe("failed");
    expect(error).toEqual({ code: "OV_NODE_FAILED", message: "bang", node_id: "bad" });
  });

  test("may be very long: the run still ends, and its events still leave", async () => {
    const { status, error, events } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("bad", () => {
        throw new Error("x".repeat(3_000_000));
      }),
    });

    expect(status).toBe("failed");
    expect(error?.message.length).toBeLessThan(100_000);
    expect(events.at(-1)?.type).toBe("run.failed");
  });
});

describe("what a node publishes", () => {
  test("is dropped with the node that fails", async () => {
    const { status, events } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("bad", (_, ctx) => {
        ctx.publish("lead.lost", {});
        throw new Error("no");
      }),
    });

    expect(status).toBe("failed");
    expect(events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.failed", "run.failed"]);
  });

  test.each<[what: string, type: string, payload: unknown, code: string]>([
    ["a reserved type", "run.completed", {}, "OV_EVENT_TYPE_INVALID"],
    ["a type with capitals", "Lead.Qualified", {}, "OV_EVENT_TYPE_INVALID"],
    ["a payload with a Date", "lead.seen", { at: new Date(0) }, "OV_PATCH_INVALID"],
    ["a payload that is no object", "lead.seen", "text", "OV_PATCH_INVALID"],
    ["no payload", "lead.seen", undefined, "OV_PATCH_INVALID"],
    ["more than an event can carry", "lead.seen", { text: "x".repeat(600_000) }, "OV_BODY_TOO_LARGE"],
  ])("with %s fails it", async (_, type, payload, code) => {
    const { status, error, events } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("bad", (_, ctx) => ctx.publish(type, payload as Record<string, never>)),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code, node_id: "bad" });
    expect(events.at(-1)?.type).toBe("run.failed");
  });

  test("is kept as it was when it was published", async () => {
    const { events } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("n", (_, ctx) => {
        const payload = { list: [1] };
        ctx.publish("lead.seen", payload);
        payload.list.push(2);
      }),
    });

    expect(events.find(({ type }) => type === "lead.seen")).toMatchObject({ nodeId: "n", data: { list: [1] } });
  });
});

describe("the size of a state", () => {
  const filled = (bytes: number) => workflow("w", { state: State }).node("fill", () => ({ note: "x".repeat(bytes) }));
  const OVERHEAD = '{"note":""}'.length;

  test("may be 512 KB of JSON", async () => {
    expect((await runInBothForms({ workflow: filled(512 * 1024 - OVERHEAD) })).status).toBe("completed");
  });

  test("fails the node with one byte more", async () => {
    const { status, error, events } = await runInBothForms({ workflow: filled(512 * 1024 - OVERHEAD + 1) });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_STATE_TOO_LARGE", node_id: "fill" });
    expect(events.at(-1)?.type).toBe("run.failed");
  });

  test("counts input, and bytes rather than characters", async () => {
    const { error } = await runInBothForms({
      workflow: workflow("w", { state: State }).node("n", () => ({ list: [1] })),
      input: { note: "ä".repeat(256 * 1024) },
    });

    expect(error?.code).toBe("OV_STATE_TOO_LARGE");
  });
});
