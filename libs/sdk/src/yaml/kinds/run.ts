import type { Patch } from "@openvibe/core";
import { z } from "zod";
import type { RunSettings } from "../../draft.ts";
import { type ChildForm, childKeys, childOf, valuesNow } from "./child.ts";
import type { Into, Kind } from "./kind.ts";
import { readValues, Values, type ValuesForm } from "./values.ts";

interface RunForm extends ChildForm {
  readonly input?: ValuesForm;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly on_failure?: "fail" | Patch;
}

/** Begins a run of another workflow, and goes on when it has ended. */
export const run: Kind = {
  form: () =>
    z.strictObject({
      ...childKeys("run", "Begins a run of another workflow, and goes on when it has ended; holds no worker meanwhile."),
      input: Values.optional().describe("What the child begins with, by its field: values, with {{field}} placeholders."),
      output: z.string().optional().describe("The field that takes all of the child's output."),
      outputs: z.record(z.string(), z.string()).optional().describe("Fields of the child's output, by the field that takes each."),
      on_failure: z
        .union([z.literal("fail"), z.record(z.string(), z.unknown())])
        .optional()
        .describe("What becomes of a child that does not complete: fail (the default), or fields to change instead."),
    }),
  draft(node, into) {
    const form = node as RunForm;
    if (form.output !== undefined && form.outputs !== undefined) throw into.spot("outputs").fault("give output or outputs, not both");
    const input = readValues(form.input ?? {}, "input", into);
    const options: RunSettings = {
      ...childOf(form, into),
      input: (state) => valuesNow(input, state),
      ...mapOf(form, into),
      ...failureOf(form, into),
    };
    return { kind: "run", name: form.id, options };
  },
};

function mapOf({ outputs }: RunForm, into: Into): Pick<RunSettings, "map"> {
  if (outputs === undefined) return {};
  const fields = Object.entries(outputs);
  for (const [field] of fields) into.uses.write(field, undefined, into.spot("outputs", field));
  return {
    map: (output) =>
      Object.fromEntries(fields.filter(([, from]) => Object.hasOwn(output, from)).map(([field, from]) => [field, output[from]])),
  };
}

function failureOf({ on_failure: onFailure }: RunForm, into: Into): Pick<RunSettings, "onFailure"> {
  if (onFailure === undefined || onFailure === "fail") return {};
  for (const field of Object.keys(onFailure)) into.uses.write(field, undefined, into.spot("on_failure", field));
  return { onFailure: () => onFailure };
}
