import type { JsonSchema, JsonValue } from "@openvibe/core";
import type { Maker } from "./maker.ts";

/** A value that a JSON Schema describes, roughly: enough to get past the first check, as often as not. */
export function sampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>, make: Maker, depth = 5): JsonValue {
  const { $ref, anyOf, oneOf, const: fixed, enum: choices, type } = schema;
  const next = (inner: unknown) => sampleOf((inner ?? {}) as JsonSchema, schemas, make, depth - 1);
  if (depth <= 0) return null;
  if (typeof $ref === "string") return next(schemas[$ref.split("/").at(-1) ?? ""]);
  const any = anyOf ?? oneOf;
  if (Array.isArray(any)) return next(make.pick(any));
  if (fixed !== undefined) return fixed as JsonValue;
  if (Array.isArray(choices)) return make.pick(choices as readonly JsonValue[]);
  switch (Array.isArray(type) ? make.pick(type as readonly unknown[]) : type) {
    case "object":
      return objectOf(schema, make, next);
    case "array":
      return Array.from({ length: make.between(0, 3) }, () => next(schema.items));
    case "string":
      return make.text();
    case "integer":
    case "number":
      return make.oneIn(3) ? make.between(-5, 300) : make.between(1, 100);
    case "boolean":
      return make.oneIn(2);
    case "null":
      return null;
    default:
      return make.json(3);
  }
}

function objectOf(
  { properties = {}, required, additionalProperties }: JsonSchema,
  make: Maker,
  next: (inner: unknown) => JsonValue,
): JsonValue {
  const needed = new Set(Array.isArray(required) ? required : []);
  const entries = Object.entries(properties as object)
    .filter(([name]) => needed.has(name) || make.oneIn(2))
    .map(([name, inner]): [string, JsonValue] => [name, next(inner)]);
  const free =
    typeof additionalProperties === "object" ? Array.from({ length: make.between(0, 4) }, () => [make.text(), make.json(2)]) : [];
  return Object.fromEntries([...entries, ...(free as [string, JsonValue][])]);
}
