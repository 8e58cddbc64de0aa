import type { State } from "@openvibe/core";
import { z } from "zod";
import { FieldUses, type UsedAs } from "../field-uses.ts";
import type { Spot } from "../spots.ts";
import { parseValue } from "../template.ts";
import type { Into } from "./kind.ts";

/** Values by name. Texts have placeholders, and one that is a placeholder alone is that field's own value. */
export type ValuesForm = Readonly<Record<string, unknown>>;

export const Values = z.record(z.string(), z.unknown());

type Value = (state: State) => unknown;

/** `locals` are names that placeholders may use besides the state's fields. */
export function readValues(form: ValuesForm, key: string, into: Into, locals: readonly string[] = []): Readonly<Record<string, Value>> {
  const uses = locals.length === 0 ? into.uses : new UsesAround(into.uses, locals);
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [
      name,
      typeof value === "string" ? parseValue(value, uses, () => into.spot(key, name)) : () => value,
    ]),
  );
}

/** Reads of some names are none of the state. */
class UsesAround extends FieldUses {
  readonly #outer: FieldUses;
  readonly #locals: ReadonlySet<string>;

  constructor(outer: FieldUses, locals: readonly string[]) {
    super();
    this.#outer = outer;
    this.#locals = new Set(locals);
  }

  override read(field: string, as: UsedAs, spot: Spot): void {
    if (!this.#locals.has(field)) this.#outer.read(field, as, spot);
  }
}
