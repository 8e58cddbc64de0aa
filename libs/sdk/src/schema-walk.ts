import { pointerToken } from "@openvibe/core";
import type { z } from "zod";
import { describedLike, wrapLike } from "./zod-kin.ts";

type Schema = z.core.$ZodType;

/** The schema without its defaults: what a value that *is* given must look like. Descriptions stay. */
export function withoutDefault(schema: Schema): z.ZodType {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "default":
    case "prefault":
      return describedLike(schema, withoutDefault(def.innerType));
    case "optional":
    case "nullable":
    case "readonly": {
      const bare = withoutDefault(def.innerType);
      return bare === def.innerType ? (schema as z.ZodType) : wrapLike(schema, bare);
    }
    default:
      return schema as z.ZodType;
  }
}

/** Whether a model's text can be a value of the schema (its length and the like left aside). */
export function takesText(schema: Schema): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
    case "any":
    case "unknown":
      return true;
    case "union":
      return def.options.some(takesText);
    case "optional":
    case "nullable":
    case "nonoptional":
    case "readonly":
    case "default":
    case "prefault":
      return takesText(def.innerType);
    case "lazy":
      return takesText(def.getter());
    default:
      return false;
  }
}

/**
 * Finds a part whose output is not its input: the gateway checks input by JSON Schema alone, and what was stored is checked again when it is
 * written, so a value must stay what it is.
 */
export function findTransform(schema: Schema, pointer = "", seen = new Set<Schema>()): string | undefined {
  if (seen.has(schema)) return undefined; // a recursive schema
  seen.add(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const own = nameTransform(def);
  if (own !== undefined) return `${pointer === "" ? "it" : pointer} uses ${own}`;
  for (const [key, child] of childrenOf(def)) {
    const found = findTransform(child, key === "" ? pointer : `${pointer}/${pointerToken(key)}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameTransform(def: z.core.$ZodTypes["_zod"]["def"]): string | undefined {
  if (["transform", "pipe", "catch", "success", "promise"].includes(def.type)) {
    return { transform: ".transform()", pipe: ".transform(), .pipe() or preprocess" }[def.type as string] ?? `.${def.type}()`;
  }
  if ("coerce" in def && def.coerce === true) return "z.coerce";
  if ("normalize" in def && def.normalize === true) return "{ normalize: true }";
  const overwrites = def.checks?.some((check) => check._zod.def.check === "overwrite") ?? false;
  return overwrites ? ".trim(), .toLowerCase() or another rewriting check" : undefined;
}

function childrenOf(def: z.core.$ZodTypes["_zod"]["def"]): readonly (readonly [key: string, child: Schema])[] {
  switch (def.type) {
    case "object":
      return [...Object.entries(def.shape), ...(def.catchall === undefined ? [] : [["*", def.catchall] as const])];
    case "array":
      return [["*", def.element]];
    case "tuple":
      return [...def.items.map((item, index) => [String(index), item] as const), ...(def.rest === null ? [] : [["*", def.rest] as const])];
    case "record":
      return [
        ["*", def.keyType],
        ["*", def.valueType],
      ];
    case "union":
      return def.options.map((option) => ["", option] as const);
    case "intersection":
      return [
        ["", def.left],
        ["", def.right],
      ];
    case "default":
    case "prefault":
    case "optional":
    case "nullable":
    case "nonoptional":
    case "readonly":
      return [["", def.innerType]];
    case "lazy":
      return [["", def.getter()]];
    default:
      return [];
  }
}
