import { z } from "zod";
import type { EachSettings } from "../../draft.ts";
import { look } from "../template.ts";
import { type ChildForm, childKeys, childOf, valuesNow } from "./child.ts";
import type { Kind } from "./kind.ts";
import { readValues, Values, type ValuesForm } from "./values.ts";

interface EachForm extends ChildForm {
  readonly items: string;
  readonly input: ValuesForm;
  readonly concurrency?: number;
  readonly max_items?: number;
  readonly on_failure?: "fail" | "skip" | "collect";
}

/** Begins a run of another workflow for each item of a list. */
export const each: Kind = {
  form: () =>
    z.strictObject({
      ...childKeys("each", "Begins a run of another workflow for each item of a list, and goes on when all have ended."),
      items: z.string().describe("The field that holds the list."),
      input: Values.describe("What a child begins with, by its field: values, with {{item}}, {{item.name}}, {{index}} and {{field}}."),
      output: z.string().optional().describe("The field that takes the children's outputs, in the order of the items."),
      concurrency: z.int().optional().describe("Children under way at a time, 1 to 100; 10 by default."),
      max_items: z.int().optional().describe("Items at most, 1 to 10000; 1000 by default: one more fails the run."),
      on_failure: z
        .enum(["fail", "skip", "collect"])
        .optional()
        .describe("A child that does not complete: fails the run (the default), is left out, or is among the results."),
    }),
  draft(node, into) {
    const form = node as EachForm;
    const { items, concurrency, max_items: maxItems, on_failure: onFailure } = form;
    into.uses.read(items, "any", into.spot("items"));
    const input = readValues(form.input, "input", into, ["item", "index"]);
    const options: EachSettings = {
      ...childOf(form, into),
      items: (state) => look(state, [items]),
      input: (item, index, state) => valuesNow(input, { ...(state as object), item, index }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(maxItems === undefined ? {} : { maxItems }),
      ...(onFailure === undefined ? {} : { onFailure }),
    };
    return { kind: "each", name: form.id, options };
  },
};
