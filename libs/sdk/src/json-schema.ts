import type { JsonSchema } from "@openvibe/core";
import type { z } from "zod";

/**
 * A zod schema as JSON Schema (draft 2020-12), as plain data.
 * @throws Error where zod finds no JSON Schema for a part of it
 */
export function toJsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const made = schema.toJSONSchema({ io, override: ({ zodSchema, jsonSchema }) => dropUnfaithfulPatterns(zodSchema, jsonSchema) });
  return JSON.parse(JSON.stringify(made)) as JsonSchema;
}

/**
 * JSON Schema's patterns know no flags and are read in Unicode mode. A pattern that would mean something else there must go: it would refuse
 * input that the state takes. The state's own check still runs.
 */
function dropUnfaithfulPatterns(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): void {
  if (patternsOf(schema).every(isFaithful)) return;
  delete json.pattern;
  if (json.allOf !== undefined) json.allOf = json.allOf.filter((part) => typeof part !== "object" || part.pattern === undefined);
}

/** A format such as `z.email()` is its own first check. */
function patternsOf(schema: z.core.$ZodType): readonly RegExp[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const checks: readonly object[] = [def, ...(def.checks ?? []).map((check) => check._zod.def)];
  return checks.map((check) => ("pattern" in check ? check.pattern : undefined)).filter((pattern) => pattern instanceof RegExp);
}

function isFaithful(pattern: RegExp): boolean {
  if (/[imsvy]/.test(pattern.flags)) return false;
  try {
    new RegExp(pattern.source, "u");
    return true;
  } catch {
    return false;
  }
}
