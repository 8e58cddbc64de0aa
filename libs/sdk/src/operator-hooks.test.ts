import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator, workflow } from "./index.ts";

const w = workflow("w", { state: z.object({ n: z.number().default(0) }) }).node("count", () => ({ n: 1 }));
const shop = (on?: object) => operator("shop", { name: "Shop", workflows: [w], ...(on === undefined ? {} : { on: on as never }) });

describe("hooks of an operator", () => {
  test("are code, not manifest: its version stays, and node.error is another name of node.failed", () => {
    const definition = shop({ "node.error": () => {}, "lead.*": () => {} });

    expect(definition.hooks?.map(({ type }) => type)).toEqual(["node.failed", "lead.*"]);
    expect(definition.version).toBe(shop().version);
    expect(shop()).not.toHaveProperty("hooks");
  });

  test.each<[string, unknown, string]>([
    ["a misspelt one", { "run.complete": () => {} }, 'on "run.complete": "run.complete" is never stored; did you mean "run.completed"?'],
    ["one told live only", { "node.started": () => {} }, "told live only"],
    ["one that no worker tells", { "run.queued": () => {} }, "no worker tells it"],
    ["one of no run", { "context.updated": () => {} }, "is no event of a run"],
    ["what is no function", { "run.failed": "slack" }, "needs a function"],
    ["a list", [() => {}], "allowed are handlers by event type"],
    ["nothing", null, "allowed are handlers by event type"],
  ])("%s is refused with its place", (_, on, why) => {
    expect(() => shop(on as object)).toThrow(
      expect.objectContaining({
        code: "OV_DEFINITION_INVALID",
        message: expect.stringMatching(/^operator shop, on/) as string,
      }),
    );
    expect(() => shop(on as object)).toThrow(why);
  });
});
