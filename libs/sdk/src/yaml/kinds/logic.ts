import { z } from "zod";
import type { NodeSettings } from "../../draft.ts";
import type { NodeCode } from "../handlers.ts";
import { TypeForm } from "../state-form.ts";
import { common, type DurationForm, type Into, type Kind, type NodeForm, Retries, type RetriesForm, WHEN, whenOf } from "./kind.ts";

interface LogicForm extends NodeForm {
  readonly writes?: readonly string[] | Readonly<Record<string, TypeForm>>;
  readonly pure?: boolean;
  readonly when?: string;
  readonly retries?: number | RetriesForm;
  readonly timeout?: DurationForm;
}

/** Code of somebody's own. */
export const logic: Kind = {
  form: () =>
    z.strictObject({
      ...common("logic", "Code of your own: a handler by operator, workflow and node."),
      ...WHEN,
      writes: z
        .union([z.array(z.string()), z.record(z.string(), TypeForm)])
        .optional()
        .describe("The fields that the handler may give, where no state is declared; the one named like the node by default."),
      pure: z.boolean().optional().describe("It has no outside effect: neighbouring pure nodes may share one commit."),
      retries: Retries.optional().describe("Attempts after the first one, or more about it; none by default."),
    }),
  draft(node, into) {
    const form = node as LogicForm;
    const run = into.handler();
    if (run === undefined) throw into.spot().fault(`a logic node needs its handler: ${into.howToRegister}`);
    noteWrites(form, into);
    const { pure, retries, timeout } = form;
    const options: NodeSettings = {
      ...(pure === undefined ? {} : { pure }),
      ...(retries === undefined ? {} : { retries }),
      ...(timeout === undefined ? {} : { timeout }),
      ...whenOf(form, into),
    };
    return { kind: "node", name: form.id, run: run as NodeCode, options };
  },
};

function noteWrites({ id, writes }: LogicForm, { uses, spot, declared }: Into): void {
  if (writes === undefined) {
    if (!declared) uses.write(id, undefined, spot("id"));
    return;
  }
  const listed = Array.isArray(writes);
  for (const [key, value] of Object.entries(writes)) {
    if (listed) uses.write(String(value), undefined, spot("writes", Number(key)));
    else uses.write(key, value, spot("writes", key));
  }
}
