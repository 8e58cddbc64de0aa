import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { OPERATORS_SCHEMA_PATH, PAGE_PATH, SCHEMA_PATH, toOperatorsSchema, toPage, toSchema } from "./config-docs.ts";
import { SETTINGS, VARIABLES } from "./settings.ts";

const committed = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("what is committed is what the settings say (`pnpm config-docs` writes it anew)", () => {
  test("as the reference page", () => {
    expect(committed(PAGE_PATH)).toBe(toPage());
  });

  test("as the schema for editors, which is part of the package", () => {
    expect(committed(SCHEMA_PATH)).toBe(toSchema());
    expect(JSON.parse(committed("services/openvibe/package.json"))).toMatchObject({
      files: expect.arrayContaining(["openvibe.config.schema.json", "operators.schema.json"]) as string[],
    });
  });

  test("as the schema of operators in YAML", () => {
    expect(committed(OPERATORS_SCHEMA_PATH)).toBe(toOperatorsSchema());
  });
});

test("every setting has a row on the page and a property in the schema", () => {
  const { properties } = JSON.parse(toSchema()) as { readonly properties: Record<string, object> };

  expect([...toPage().matchAll(/^\| `([A-Z_]+)` \| `(\w+)` \|/gm)].map(([, variable, key]) => [variable, key])).toEqual(
    VARIABLES.map((variable) => [variable, SETTINGS[variable].key]),
  );
  expect(Object.keys(properties)).toEqual(["$schema", ...VARIABLES.map((variable) => SETTINGS[variable].key)]);
});

test("the schema says what an editor completes and refuses", () => {
  const { properties } = JSON.parse(toSchema()) as { readonly properties: Record<string, object> };

  expect(properties.port).toMatchObject({ type: "integer", minimum: 0, maximum: 65_535, default: 8000 });
  expect(properties.bus).toMatchObject({ enum: ["memory", "nats", "redis"] });
  expect(properties.databaseUrl).toMatchObject({ anyOf: [{ type: "string" }, { required: ["file"] }] });
  expect(properties.apiKeys).toMatchObject({
    anyOf: [{ type: "array", items: { anyOf: [{ type: "string" }, { required: ["name", "hash", "scopes"] }] } }, {}],
  });
});
