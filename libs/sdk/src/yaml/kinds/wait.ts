import { z } from "zod";
import type { WaitDraft } from "../../draft.ts";
import { look } from "../template.ts";
import { Duration, type DurationForm, Id, type Into, type Kind, type NodeForm, WHEN, whenOf } from "./kind.ts";

interface WaitForm extends NodeForm {
  readonly duration?: DurationForm;
  readonly until?: string;
  readonly when?: string;
}

/** Lets time pass. */
export const wait: Kind = {
  form: () =>
    z.strictObject({
      id: Id,
      type: z.literal("wait").describe("Lets time pass, up to years; the run holds no worker meanwhile."),
      duration: Duration.optional().describe("How long."),
      ...WHEN,
      until: z.string().optional().describe("The field that holds the time: ISO 8601 with its zone, or milliseconds since 1970."),
    }),
  draft(node, into) {
    const form = node as WaitForm;
    return { kind: "wait", name: form.id, time: timeOf(form, into), options: whenOf(form, into) };
  },
};

function timeOf({ duration, until }: WaitForm, into: Into): WaitDraft["time"] {
  if (duration !== undefined && until !== undefined) throw into.spot("until").fault("give duration or until, not both");
  if (duration !== undefined) return duration;
  if (until !== undefined) {
    into.uses.read(until, "shown", into.spot("until"));
    return { until: (state) => look(state, [until]) };
  }
  const handler = into.handler();
  if (handler === undefined) throw into.spot().fault(`a wait needs a duration, until (a field), or a handler: ${into.howToRegister}`);
  return { until: handler };
}
