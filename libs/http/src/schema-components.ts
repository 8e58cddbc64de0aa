import { type ZodType, z } from "zod";

/**
 * The JSON Schema of `type`, as it is sent. Schemas that carry an id (`.meta({ id })`) go into `schemas` and are referred to: the components of a
 * document. Wrapped in an object, so that a schema with an id becomes a definition even where it stands alone.
 */
export function hoistInto(
  schemas: Record<string, unknown>,
  type: ZodType,
  { target = "draft-2020-12" }: { readonly target?: "draft-2020-12" | "draft-7" } = {},
): unknown {
  const text = JSON.stringify(z.toJSONSchema(z.object({ it: type }), { target, io: "input" }));
  const { $defs, definitions, properties } = JSON.parse(text.replaceAll(/#\/(\$defs|definitions)\//g, "#/components/schemas/")) as {
    readonly $defs?: Record<string, unknown>;
    readonly definitions?: Record<string, unknown>;
    readonly properties: { readonly it: unknown };
  };
  Object.assign(schemas, $defs, definitions);
  return properties.it;
}
