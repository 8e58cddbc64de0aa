import { z } from "zod";
import type { WaitDraft } from "../../draft.ts";
import { look } from "../template.ts";
import { Duration, type DurationForm, Id, type Kind, type NodeForm } from "./kind.ts";

interface WaitForm extends NodeForm {
  readonly duration?: DurationForm;
  readonly until?: string;
}

/** Lets time pass. */
export const wait: Kind = {
  form: () =>
    z.strictObject({
      id: Id,
      type: z.literal("wait").describe("Lets time pass, up to years; the run holds no worker meanwhile."),
      duration: Duration.optional().describe("How long."),
      until: z.string().optional().describe("The field that holds the time: ISO 8601 with its zone, or milliseconds since 1970."),
    }),
  draft(node, into) {
    const { id, duration, until } = node as WaitForm;
    if (duration !== undefined && until !== undefined) throw into.spot("until").fault("give duration or until, not both");
    if (duration !== undefined) return { kind: "wait", name: id, time: duration };
    if (until !== undefined) {
      into.uses.read(until, "shown", into.spot("until"));
      return { kind: "wait", name: id, time: { until: (state) => look(state, [until]) } };
    }
    const handler = into.handler();
    if (handler === undefined) throw into.spot().fault(`a wait needs a duration, until (a field), or a handler: ${into.howToRegister}`);
    const time: WaitDraft["time"] = { until: handler };
    return { kind: "wait", name: id, time };
  },
};
