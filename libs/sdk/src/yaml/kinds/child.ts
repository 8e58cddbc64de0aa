import type { State } from "@openvibe/core";
import { z } from "zod";
import { Duration, type DurationForm, Id, type Into, type NodeForm, WHEN, whenOf } from "./kind.ts";

/** What `run` and `each` have in common: which workflow a child is of, and where its result goes. */
export interface ChildForm extends NodeForm {
  readonly workflow: string;
  readonly operator?: string;
  readonly output?: string;
  readonly timeout?: DurationForm;
  readonly when?: string;
}

export const childKeys = (type: string, what: string) => ({
  id: Id,
  type: z.literal(type).describe(what),
  ...WHEN,
  workflow: Id.describe("The workflow that a child is a run of."),
  operator: Id.optional().describe("The operator that has it; this one by default."),
  timeout: Duration.optional().describe("From a child's beginning until it is timed out."),
});

export function childOf(form: ChildForm, into: Into) {
  const { workflow, operator, output, timeout } = form;
  if (output !== undefined) into.uses.write(output, undefined, into.spot("output"));
  return {
    workflow,
    ...(operator === undefined ? {} : { operator }),
    ...(output === undefined ? {} : { output }),
    ...(timeout === undefined ? {} : { timeout }),
    ...whenOf(form, into),
  };
}

/** Each value as it is now. */
export function valuesNow(values: Readonly<Record<string, (state: State) => unknown>>, state: State): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value(state)]));
}
