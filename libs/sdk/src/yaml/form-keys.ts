import type { z } from "zod";
import { OperatorsForm } from "./form.ts";
import { type Path, valueAt } from "./source.ts";

/** The keys that the form allows at a path; of a node those of its type. */
export function keysAt(path: Path, value: unknown): readonly string[] {
  let form: z.core.$ZodType | undefined = OperatorsForm;
  let at: unknown = value;
  for (const part of path) {
    form = stepInto(form, part, at);
    at = valueAt(at, [part]);
  }
  const found = settle(form, at);
  return found === undefined ? [] : Object.keys(shapeOf(found) ?? {});
}

type AnyDef = z.core.$ZodTypes["_zod"]["def"];
const defOf = (form: z.core.$ZodType): AnyDef => (form as z.core.$ZodTypes)._zod.def;

function shapeOf(form: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const def = defOf(form);
  return def.type === "object" ? def.shape : undefined;
}

function stepInto(form: z.core.$ZodType | undefined, part: string | number, at: unknown): z.core.$ZodType | undefined {
  const found = settle(form, at);
  if (found === undefined) return undefined;
  const def = defOf(found);
  if (def.type === "object") return def.shape[part];
  if (def.type === "array") return def.element;
  return def.type === "record" ? def.valueType : undefined;
}

/** Through wrappers, and of several forms to the one that a value of this shape has. */
function settle(form: z.core.$ZodType | undefined, at: unknown): z.core.$ZodType | undefined {
  if (form === undefined) return undefined;
  const def = defOf(form);
  if (def.type === "optional" || def.type === "default") return settle(def.innerType, at);
  if (def.type === "lazy") return settle(def.getter(), at);
  if (def.type !== "union") return form;
  const options = def.options.map((option) => settle(option, at)).filter((option) => option !== undefined);
  const type = valueAt(at, ["type"]);
  const wanted = Array.isArray(at) ? "array" : "object";
  const byType = options.find((option) => {
    const kind = shapeOf(option)?.type;
    const own = kind === undefined ? undefined : defOf(kind);
    return own?.type === "literal" && own.values.includes(type as string);
  });
  return byType ?? options.find((option) => defOf(option).type === wanted) ?? options.find((option) => defOf(option).type === "record");
}
