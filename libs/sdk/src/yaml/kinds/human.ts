import type { Patch } from "@openvibe/core";
import { z } from "zod";
import type { HumanSettings } from "../../draft.ts";
import { TypeForm } from "../state-form.ts";
import { common, Duration, type DurationForm, type Into, type Kind, type NodeForm, WHEN, whenOf } from "./kind.ts";

interface HumanForm extends NodeForm {
  readonly prompt: string;
  readonly answer: readonly string[] | Readonly<Record<string, TypeForm>>;
  readonly timeout?: DurationForm;
  readonly default?: Patch;
  readonly on_timeout?: readonly NodeForm[];
  readonly reminder?: DurationForm;
  readonly when?: string;
  readonly approvers?: { readonly of: readonly string[]; readonly needed?: number };
}

/** Asks people and waits for their answer. */
export const human: Kind = {
  form: (nodes) =>
    z.strictObject({
      ...common("human", "Asks people, and waits for their answer."),
      ...WHEN,
      prompt: z.string().describe("What people are asked; with {{field}} placeholders."),
      answer: z
        .union([z.array(z.string()).min(1), z.record(z.string(), TypeForm)])
        .describe("The fields that an answer gives: names, or types by name where no state is declared."),
      timeout: Duration.optional().describe("How long an answer is waited for; for as long as it takes by default."),
      default: z.record(z.string(), z.unknown()).optional().describe("Taken as the answer when the time is over."),
      on_timeout: nodes.optional().describe("Nodes to go through when the time is over."),
      reminder: Duration.optional().describe("The question is told once more when nobody has answered by then."),
      approvers: z
        .strictObject({ of: z.array(z.string()).min(1), needed: z.int().optional() })
        .optional()
        .describe("Who may answer, and how many of them have to; all by default."),
    }),
  draft(node, into) {
    const form = node as HumanForm;
    const { timeout, default: byDefault, on_timeout: onTimeout, reminder, approvers } = form;
    const options: HumanSettings = {
      prompt: into.template(form.prompt, "prompt").render,
      answer: noteAnswer(form, into),
      ...(timeout === undefined ? {} : { timeout }),
      ...(byDefault === undefined ? {} : { default: byDefault }),
      ...(reminder === undefined ? {} : { reminder }),
      ...(approvers === undefined ? {} : { approvers }),
      ...whenOf(form, into),
    };
    return {
      kind: "human",
      name: form.id,
      options,
      ...(onTimeout === undefined ? {} : { timedOut: into.drafts(onTimeout, "on_timeout") }),
    };
  },
};

function noteAnswer({ answer }: HumanForm, { uses, spot, declared }: Into): readonly string[] {
  const listed = Array.isArray(answer);
  if (declared && !listed) throw spot("answer").fault("the state declares the types: answer is a list of its fields here");
  const typed = listed
    ? answer.map((name: string) => [name, "string"] as const)
    : Object.entries(answer as Readonly<Record<string, TypeForm>>);
  for (const [index, [name, type]] of typed.entries()) uses.write(name, type, spot("answer", listed ? index : name));
  return typed.map(([name]) => name);
}
