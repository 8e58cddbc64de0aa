import { isPlainObject, type JsonSchema, type JsonValue } from "@openvibe/core";

/** Deeper than this a recursive schema gets its emptiest value. */
const MAX_DEPTH = 16;

/**
 * The smallest JSON value of a JSON Schema, always the same: a constant or the first of an enum, texts that name their field, numbers
 * nearest to 0 within their limits, lists of `minItems`, objects of what is required. `pattern`, `not` and conditions are not read.
 */
export function sampleOf(schema: JsonSchema, name = "value"): JsonValue {
  return sample(schema, { name, depth: 0, root: schema });
}

interface Place {
  readonly name: string;
  readonly depth: number;
  readonly root: JsonSchema;
}

function sample(given: unknown, place: Place): JsonValue {
  const schema = resolve(given, place);
  if (schema === undefined || place.depth > MAX_DEPTH) return null;
  if (schema.const !== undefined) return schema.const as JsonValue;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as JsonValue;
  const variants = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(variants)) {
    const chosen = variants.find((variant) => !(isPlainObject(variant) && variant.type === "null")) ?? variants[0];
    return sample(chosen, { ...place, depth: place.depth + 1 });
  }
  switch (typeOf(schema)) {
    case "object":
      return sampleObject(schema, place);
    case "array":
      return sampleArray(schema, place);
    case "number":
      return sampleNumber(schema, false);
    case "integer":
      return sampleNumber(schema, true);
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return sampleText(schema, place.name);
  }
}

/** Follows a local `$ref` and lays the parts of `allOf` over each other. */
function resolve(given: unknown, place: Place): Record<string, unknown> | undefined {
  let schema = given === true ? {} : given;
  for (let hops = 0; isPlainObject(schema) && typeof schema.$ref === "string"; hops++) {
    if (hops > MAX_DEPTH) return undefined;
    const { $ref, ...rest } = schema;
    const target = lookUp(place.root, $ref as string);
    schema = isPlainObject(target) ? { ...target, ...rest } : undefined;
  }
  if (!isPlainObject(schema) || !Array.isArray(schema.allOf)) return isPlainObject(schema) ? schema : undefined;
  const merged: Record<string, unknown> = { ...schema };
  delete merged.allOf;
  for (const part of schema.allOf) {
    const resolved = resolve(part, { ...place, depth: place.depth + 1 }) ?? {};
    const properties = { ...(merged.properties as object | undefined), ...(resolved.properties as object | undefined) };
    const required = [...toList(merged.required), ...toList(resolved.required)];
    Object.assign(merged, resolved, { properties, required });
  }
  return merged;
}

function lookUp(root: JsonSchema, ref: string): unknown {
  if (!ref.startsWith("#")) return undefined;
  let at: unknown = root;
  for (const token of ref.slice(1).split("/").slice(1)) {
    const key = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
    at = isPlainObject(at) || Array.isArray(at) ? (at as Record<string, unknown>)[key] : undefined;
  }
  return at;
}

function typeOf(schema: Record<string, unknown>): string {
  const types = toList(schema.type);
  const named = types.find((type) => type !== "null") ?? types[0];
  if (typeof named === "string") return named;
  if (isPlainObject(schema.properties)) return "object";
  return schema.items !== undefined || schema.prefixItems !== undefined ? "array" : "string";
}

function sampleObject(schema: Record<string, unknown>, place: Place): JsonValue {
  const properties = isPlainObject(schema.properties) ? schema.properties : {};
  const required = toList(schema.required).filter((key): key is string => typeof key === "string");
  return Object.fromEntries(required.map((key) => [key, sample(properties[key] ?? true, { ...place, name: key, depth: place.depth + 1 })]));
}

function sampleArray(schema: Record<string, unknown>, place: Place): JsonValue {
  const first = toList(schema.prefixItems);
  const length = Math.min(Math.max(toNumber(schema.minItems) ?? 0, first.length), 1_000);
  return Array.from({ length }, (_, index) => sample(first[index] ?? schema.items ?? true, { ...place, depth: place.depth + 1 }));
}

function sampleNumber(schema: Record<string, unknown>, whole: boolean): number {
  const step = toNumber(schema.multipleOf) ?? (whole ? 1 : undefined);
  const nudge = step ?? Number.EPSILON;
  const least = Math.max(toNumber(schema.minimum) ?? -Infinity, above(toNumber(schema.exclusiveMinimum), step, nudge));
  const most = Math.min(toNumber(schema.maximum) ?? Infinity, -above(negate(toNumber(schema.exclusiveMaximum)), step, nudge));
  if (least <= 0 && most >= 0) return 0;
  if (step === undefined) return least > 0 ? least : most;
  return least > 0 ? Math.ceil(least / step) * step : Math.floor(most / step) * step || 0;
}

/** The smallest number above a limit that the limit itself excludes. */
function above(limit: number | undefined, step: number | undefined, nudge: number): number {
  if (limit === undefined) return -Infinity;
  if (step !== undefined) return (Math.floor(limit / step) + 1) * step;
  return limit + Math.max(nudge, Math.abs(limit) * nudge);
}

function negate(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2000-01-01T00:00:00Z",
  date: "2000-01-01",
  time: "00:00:00Z",
  duration: "PT0S",
  email: "echo@example.com",
  hostname: "example.com",
  uri: "https://example.com/echo",
  uuid: "00000000-0000-4000-8000-000000000000",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

function sampleText(schema: Record<string, unknown>, name: string): string {
  const known = typeof schema.format === "string" && Object.hasOwn(FORMATS, schema.format) ? FORMATS[schema.format] : undefined;
  if (known !== undefined) return known;
  const text = `[echo] ${name}`.padEnd(Math.min(toNumber(schema.minLength) ?? 0, 100_000), ".");
  return text.slice(0, toNumber(schema.maxLength) ?? text.length);
}

function toNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function toList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}
