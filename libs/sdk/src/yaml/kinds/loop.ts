import { z } from "zod";
import type { LoopSettings } from "../../draft.ts";
import { common, type DurationForm, type Into, type Kind, type NodeForm } from "./kind.ts";

interface LoopForm extends NodeForm {
  readonly while?: string;
  readonly until?: string;
  readonly max_iterations: number;
  readonly nodes: readonly NodeForm[];
  readonly timeout?: DurationForm;
}

/** Runs its nodes again and again. */
export const loop: Kind = {
  form: (nodes) =>
    z.strictObject({
      ...common("loop", "Runs its nodes again and again, as long as a condition holds."),
      while: z.string().optional().describe("The condition of another pass."),
      until: z.string().optional().describe("The condition that ends it, in place of while."),
      max_iterations: z.int().describe("Passes at most, 1 to 10000: one more fails the run."),
      nodes: nodes.describe("Nodes of one pass."),
    }),
  draft(node, into) {
    const form = node as LoopForm;
    const { max_iterations: maxIterations, timeout } = form;
    const options: LoopSettings = { ...conditionOf(form, into), maxIterations, ...(timeout === undefined ? {} : { timeout }) };
    return { kind: "loop", name: form.id, options, body: into.drafts(form.nodes, "nodes") };
  },
};

function conditionOf(form: LoopForm, into: Into): Pick<LoopSettings, "while" | "until"> {
  if (form.while !== undefined && form.until !== undefined) throw into.spot("until").fault("give while or until, not both");
  if (form.while !== undefined) return { while: into.condition(form.while, "while").holds };
  if (form.until !== undefined) return { until: into.condition(form.until, "until").holds };
  const handler = into.handler();
  if (handler === undefined) throw into.spot().fault(`a loop needs while, until, or a handler: ${into.howToRegister}`);
  return { while: handler as NonNullable<LoopSettings["while"]> };
}
