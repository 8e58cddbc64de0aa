import { type State, valueAt } from "@openvibe/core";
import type { FieldUses } from "./field-uses.ts";
import type { Spot } from "./spots.ts";

type Part = string | readonly [field: string, ...deeper: readonly string[]];

/** A text with `{{field}}` in it. `{{field.name}}` goes into an object, `{{field.0}}` into a list; `\{{` is the two braces themselves. */
export interface Template {
  render(state: State): string;
}

const PLACEHOLDER = /^\s*([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z0-9_-]+)*)\s*$/;

/** `spotAt` gives the place of an offset in the text. @throws OpenVibeError OV_DEFINITION_INVALID */
export function parseTemplate(text: string, uses: FieldUses, spotAt: (offset: number) => Spot): Template {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("{{", at);
    if (open < 0) break;
    if (text[open - 1] === "\\") {
      parts.push(`${text.slice(at, open - 1)}{{`);
      at = open + 2;
      continue;
    }
    const close = text.indexOf("}}", open);
    if (close < 0) throw spotAt(open).fault("a placeholder is not closed: it is {{field}}; two braces that are meant so are \\{{");
    const match = PLACEHOLDER.exec(text.slice(open + 2, close));
    const field = match?.[1];
    if (field === undefined)
      throw spotAt(open).fault(
        `{{${text.slice(open + 2, close).slice(0, 40)}}} is no placeholder; allowed is {{field}}, {{field.name}} or {{field.0}}`,
      );
    uses.read(field, "shown", spotAt(open));
    parts.push(text.slice(at, open), [field, ...(match?.[2] ?? "").split(".").slice(1)]);
    at = close + 2;
  }
  parts.push(text.slice(at));
  return { render: (state) => parts.map((part) => (typeof part === "string" ? part : show(look(state, part)))).join("") };
}

/** A text as a template; one that is a placeholder alone is the value itself, whatever its type. @throws OpenVibeError OV_DEFINITION_INVALID */
export function parseValue(text: string, uses: FieldUses, spotAt: (offset: number) => Spot): (state: State) => unknown {
  const [, field, deeper = ""] = PLACEHOLDER.exec(/^\{\{([^{}]*)\}\}$/.exec(text)?.[1] ?? "") ?? [];
  if (field === undefined) return parseTemplate(text, uses, spotAt).render;
  uses.read(field, "any", spotAt(0));
  return (state) => look(state, [field, ...deeper.split(".").slice(1)]);
}

/** The value at a path of names; `undefined` where there is none. */
export function look(state: State, path: readonly [string, ...(readonly string[])]): unknown {
  return valueAt(state, path);
}

/** What is absent is nothing; lists and objects are JSON. */
function show(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}
