/** The `state:` block: fields with types and defaults, as a zod schema. */
import type { JsonValue } from "@openvibe/core";
import { z } from "zod";
import type { FieldUses, UsedAs } from "./field-uses.ts";
import type { Path, YamlSource } from "./source.ts";

const TYPES = ["string", "integer", "number", "boolean", "array", "object"] as const;
type TypeName = (typeof TYPES)[number];

const TypeWord = z.enum(TYPES, { error: `must be a type: ${TYPES.join(", ")}` });

interface FieldForm {
  readonly type?: TypeName;
  readonly enum?: readonly string[];
  readonly default?: JsonValue;
  readonly description?: string;
  readonly min?: number;
  readonly max?: number;
  readonly items?: TypeForm;
  readonly fields?: Readonly<Record<string, TypeForm>>;
}
/** How a type stands in YAML: `integer`, or with more about it. */
export type TypeForm = TypeName | FieldForm;

const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, "a field's name is letters, digits, _ and -, beginning with a letter or _");

export const TypeForm: z.ZodType<TypeForm> = z
  .lazy(() =>
    z.union([
      TypeWord,
      z.strictObject({
        type: TypeWord.optional(),
        enum: z.array(z.string()).min(1).optional().describe("The texts that are allowed."),
        default: z.unknown().optional().describe("What a run begins with; else the type's empty value."),
        description: z.string().optional().describe("For people, and for a model that fills the field."),
        min: z.number().optional().describe("The least number, or the fewest characters or items."),
        max: z.number().optional().describe("The greatest number, or the most characters or items."),
        items: TypeForm.optional().describe("Of an array: the type of its items."),
        fields: z.record(Name, TypeForm).optional().describe("Of an object: its fields."),
      }),
    ]),
  )
  .meta({
    id: "FieldType",
    description: "string, integer, number, boolean, array, object, or a mapping that says more.",
  }) as z.ZodType<TypeForm>;

export const StateForm = z.record(Name, TypeForm).describe("The state's fields, by name.");
export type StateForm = Readonly<Record<string, TypeForm>>;

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function toStateSchema(form: StateForm, source: YamlSource, path: Path): z.ZodObject {
  return z.object(Object.fromEntries(Object.entries(form).map(([name, field]) => [name, toField(field, source, [...path, name])])));
}

/** How expressions may use each field. */
export function usesOf(form: StateForm): ReadonlyMap<string, UsedAs> {
  return new Map(Object.entries(form).map(([name, field]) => [name, usedAs(field)]));
}

function usedAs(field: TypeForm): UsedAs {
  const { type, enum: texts } = typeof field === "string" ? { type: field } : field;
  if (texts !== undefined || type === "string") return "text";
  if (type === "integer" || type === "number") return "number";
  return type === "boolean" ? "boolean" : "any";
}

/** The state that nobody declared: what the nodes write, and what prompts and conditions read. */
export function inferState(uses: FieldUses, source: YamlSource, path: Path): z.ZodObject {
  const fields = new Map<string, z.ZodType>();
  for (const { field } of uses.reads) if (!uses.writes.some((write) => write.field === field)) fields.set(field, inferRead(field, uses));
  for (const { field, type, spot } of uses.writes) {
    if (type === undefined) fields.set(field, fields.get(field) ?? z.unknown().optional());
    else {
      const form = TypeForm.safeParse(type);
      if (!form.success) throw spot.fault(`the type of ${field} ${form.error.issues[0]?.message ?? "is none"}`);
      fields.set(field, toField(form.data, source, []));
    }
  }
  if (fields.size === 0) throw source.spot(path).fault('nothing is read or written: declare a state ("state:")');
  return z.object(Object.fromEntries(fields));
}

const Scalar = z.union([z.string(), z.number(), z.boolean()]).default("");

function inferRead(name: string, { reads }: FieldUses): z.ZodType {
  const kinds = new Set(reads.filter(({ field }) => field === name).map(({ as }) => as));
  const typed = [...kinds].filter((kind) => kind !== "shown");
  if (typed.length === 0) return Scalar;
  if (typed.length > 1) return z.unknown().optional();
  switch (typed[0]) {
    case "text":
      return z.string().default("");
    case "number":
      return z.number().optional();
    case "boolean":
      return z.boolean().default(false);
    default:
      return z.unknown().optional();
  }
}

function toField(field: TypeForm, source: YamlSource, path: Path): z.ZodType {
  const form: FieldForm = typeof field === "string" ? { type: field } : field;
  const bare = described(toType(field, source, path), form);
  const initial = form.default !== undefined ? form.default : emptyOf(form);
  if (initial === undefined) return bare.optional();
  const fits = bare.safeParse(initial);
  if (form.default !== undefined && !fits.success)
    throw source.spot([...path, "default"]).fault(`the default does not fit the field: ${fits.error.issues[0]?.message ?? ""}`);
  return bare.default(() => structuredClone(initial)) as z.ZodType;
}

function emptyOf({ type, enum: texts, fields }: FieldForm): JsonValue | undefined {
  if (texts !== undefined || fields !== undefined) return undefined;
  switch (type) {
    case "string":
      return "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return {};
    default:
      return undefined;
  }
}

/** Which of a type's words go with it. */
const WORDS: Readonly<Record<TypeName | "enum", readonly string[]>> = {
  string: ["min", "max"],
  integer: ["min", "max"],
  number: ["min", "max"],
  boolean: [],
  array: ["min", "max", "items"],
  object: ["fields"],
  enum: [],
};

function toType(field: TypeForm, source: YamlSource, path: Path): z.ZodType {
  const form: FieldForm = typeof field === "string" ? { type: field } : field;
  const { type, enum: texts } = form;
  if (texts !== undefined && type !== undefined && type !== "string")
    throw source.spot([...path, "enum"]).fault("an enum's values are texts: leave type out");
  const kind = texts === undefined ? type : "enum";
  if (kind === undefined) throw source.spot(path).fault(`a field needs a type: ${TYPES.join(", ")}, or an enum`);
  for (const word of ["min", "max", "items", "fields"] as const)
    if (form[word] !== undefined && !WORDS[kind].includes(word))
      throw source.keySpot([...path, word]).fault(`${word} does not go with ${kind}`);
  return toBare(kind, form, source, path);
}

function toBare(kind: TypeName | "enum", form: FieldForm, source: YamlSource, path: Path): z.ZodType {
  const { min, max, items, fields, enum: texts = [] } = form;
  switch (kind) {
    case "string":
      return bounded(z.string(), min, max);
    case "integer":
      return bounded(z.int(), min, max);
    case "number":
      return bounded(z.number(), min, max);
    case "boolean":
      return z.boolean();
    case "enum":
      return z.enum(texts as [string, ...string[]]);
    case "array":
      return bounded(z.array(items === undefined ? z.unknown() : inner(items, source, [...path, "items"])), min, max);
    case "object":
      if (fields === undefined) return z.record(z.string(), z.unknown());
      return z.strictObject(
        Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, inner(each, source, [...path, "fields", name])])),
      );
    default:
      return kind satisfies never;
  }
}

/** Inside a list or an object nothing has a default: what is given there is given whole. */
function inner(field: TypeForm, source: YamlSource, path: Path): z.ZodType {
  if (typeof field !== "string" && field.default !== undefined)
    throw source.keySpot([...path, "default"]).fault("only a field of the state itself has a default");
  return described(toType(field, source, path), typeof field === "string" ? {} : field);
}

function bounded<T extends { min(n: number): T; max(n: number): T } & z.ZodType>(
  type: T,
  min: number | undefined,
  max: number | undefined,
): T {
  const least = min === undefined ? type : type.min(min);
  return max === undefined ? least : least.max(max);
}

function described(type: z.ZodType, { description }: FieldForm): z.ZodType {
  return description === undefined ? type : type.describe(description);
}
