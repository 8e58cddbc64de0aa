import { describe, expect, test } from "vitest";
import { manifestVersion, type OperatorManifest } from "./definition.ts";

const manifest: OperatorManifest = {
  id: "hello",
  name: "Hello World",
  workflows: [
    {
      id: "greet",
      triggers: [{ id: "greet", on: "on_demand" }],
      input_schema: { type: "object", properties: { greeting: { type: "string" } } },
      state_fields: ["greeting"],
      steps: [
        { id: "say_hello", kind: "llm", model: "haiku", max_tokens: 4096, attempts: 3, outputs: ["greeting"], reply: "text" },
        { id: "shout", kind: "node" },
      ],
    },
  ],
  answers: {},
};

/** The same content, written down the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, entry]) => [key, turned(entry)]),
  );
}

describe("the version of a manifest", () => {
  test("is short and the same for every process, whatever the order of keys", () => {
    const version = manifestVersion(manifest);

    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(manifestVersion(turned(manifest) as OperatorManifest)).toBe(version);
    expect(manifestVersion(JSON.parse(JSON.stringify(manifest)) as OperatorManifest)).toBe(version);
  });

  test("is not changed by what is not given", () => {
    expect(manifestVersion({ ...manifest, description: undefined } as unknown as OperatorManifest)).toBe(manifestVersion(manifest));
  });

  test.each<[string, (text: string) => string]>([
    ["a name", (text) => text.replace("Hello World", "Hello world")],
    ["a number", (text) => text.replace("4096", "4097")],
    ["an id", (text) => text.replace('"shout"', '"shouts"')],
    ["one more field", (text) => text.replace('"answers":{}', '"answers":{"greet":"greet"}')],
    ["the type of a value", (text) => text.replace('"attempts":3', '"attempts":"3"')],
  ])("changes with %s", (_what, change) => {
    const before = JSON.stringify(manifest);
    const after = change(before);

    expect(after).not.toBe(before);
    expect(manifestVersion(JSON.parse(after) as OperatorManifest)).not.toBe(manifestVersion(manifest));
  });

  test("changes with the order of steps, which is the order of execution", () => {
    const [workflow] = manifest.workflows;
    const steps = workflow?.steps.toReversed() ?? [];

    expect(manifestVersion({ ...manifest, workflows: workflow === undefined ? [] : [{ ...workflow, steps }] })).not.toBe(
      manifestVersion(manifest),
    );
  });
});
