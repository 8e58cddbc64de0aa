import { canonicalJson, findJsonFault, type JsonSchema, type JsonValue, messageOf } from "@openvibe/core";
import type { z } from "zod";
import { definitionFault } from "./definition-fault.ts";
import { copyJson } from "./json-copy.ts";
import { toJsonSchema } from "./json-schema.ts";
import { findTransform, takesText, withoutDefault } from "./schema-walk.ts";
import { objectLike } from "./zod-kin.ts";

export interface StateField {
  readonly name: string;
  /** What a given value must look like: the field's schema without its default. */
  readonly schema: z.ZodType;
  /** The default; `undefined` where the field begins absent. */
  readonly initial: JsonValue | undefined;
  readonly takesText: boolean;
}

/** A state's schema, read once: all that the hot path needs. */
export interface StateSchema {
  /** The author's own. */
  readonly object: z.ZodObject;
  readonly fields: ReadonlyMap<string, StateField>;
  /** JSON Schema of the input: no field is required, unknown ones are allowed (they are dropped and listed). */
  readonly inputSchema: JsonSchema;
  /** The author's schema where it has checks over several fields (`.refine` on the object). */
  readonly whole: z.ZodType | undefined;
}

const RESERVED = ["__proto__", "constructor", "prototype"];

/** @throws OpenVibeError OV_DEFINITION_INVALID where the schema cannot be a state, with the field's name */
export function readStateSchema(schema: unknown, at: string): StateSchema {
  const object = toZodObject(schema, at);
  const { shape, checks, catchall } = object._zod.def;
  if (catchall !== undefined && (catchall as z.core.$ZodTypes)._zod.def.type !== "never")
    throw definitionFault(at, "the state names its fields: no z.looseObject, no .catchall()");
  const names = Object.keys(shape);
  if (names.length === 0) throw definitionFault(at, "the state has no fields");
  const fields = names.map((name) => readField(name, object, `${at}, state field ${JSON.stringify(name)}`));
  return {
    object,
    fields: new Map(fields.map((field) => [field.name, field])),
    inputSchema: toInputSchema(object),
    whole: checks === undefined || checks.length === 0 ? undefined : object,
  };
}

function toZodObject(schema: unknown, at: string): z.ZodObject {
  const def = (schema as Partial<z.core.$ZodTypes> | null | undefined)?._zod?.def;
  if (def?.type === "object" && "toJSONSchema" in (schema as object)) return schema as z.ZodObject;
  const odd = def === undefined ? "" : def.type === "object" ? ", not one of zod/mini" : `, not a z.${def.type}()`;
  throw definitionFault(at, `state must be a z.object({ … }) of zod 4${odd}`);
}

function readField(name: string, object: z.ZodObject, at: string): StateField {
  if (name === "" || RESERVED.includes(name))
    throw definitionFault(at, `the name is reserved; so are ${RESERVED.join(", ")} and the empty text`);
  const schema = object.shape[name] as z.ZodType;
  const transform = findTransform(schema);
  if (transform !== undefined)
    throw definitionFault(at, `${transform}: a state's values must stay what they are, so transforms are not allowed`);
  try {
    toJsonSchema(objectLike(object, { [name]: schema }), "input");
  } catch (cause) {
    throw definitionFault(at, `cannot be written as JSON Schema (${messageOf(cause)}); a state is plain JSON`, cause);
  }
  const bare = withoutDefault(schema);
  return { name, schema: bare, initial: readInitial(schema, bare, at), takesText: takesText(bare) };
}

/** A state opens from `{}`. The default is taken once, so it must not differ from one call to the next. */
function readInitial(schema: z.ZodType, bare: z.ZodType, at: string): JsonValue | undefined {
  const [first, second] = [parseNothing(schema, at), parseNothing(schema, at)];
  if (first === undefined) return undefined;
  const fault = findJsonFault(first);
  if (fault !== undefined) throw definitionFault(at, `its default at ${fault.pointer || "its top"}: ${fault.detail}`);
  if (canonicalJson(first) !== canonicalJson(second)) throw definitionFault(at, "its default must be the same every time");
  parseSync(bare, first, at); // only to meet an asynchronous check now and not in a run; a default need not pass the checks
  return copyJson(first);
}

function parseNothing(schema: z.ZodType, at: string): unknown {
  const opened = parseSync(schema, undefined, at);
  if (!opened.success) throw definitionFault(at, "needs a default, as a run may begin without input: add .default(…) or .optional()");
  return opened.data;
}

function parseSync(schema: z.ZodType, value: unknown, at: string): z.ZodSafeParseResult<unknown> {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    throw definitionFault(at, `its schema cannot be checked at once (${messageOf(cause)}); asynchronous checks are not allowed`, cause);
  }
}

/** Of the bare fields: checks and a name that the author gave to the whole stay out. */
function toInputSchema(object: z.ZodObject): JsonSchema {
  const { required: _required, ...schema } = toJsonSchema(objectLike(object, object.shape), "input");
  return schema;
}
