import { z } from "zod";
import type { EventWaitSettings, WaitDraft } from "../../draft.ts";
import { look } from "../template.ts";
import { Duration, type DurationForm, Id, type Into, type Kind, type NodeForm, WHEN, whenOf } from "./kind.ts";
import { readValues, Values, type ValuesForm } from "./values.ts";

interface WaitForm extends NodeForm {
  readonly duration?: DurationForm;
  readonly until?: string;
  readonly event?: string | readonly string[];
  readonly mode?: "any" | "all" | number;
  readonly match?: ValuesForm;
  readonly timeout?: DurationForm;
  readonly on_timeout?: readonly NodeForm[];
  readonly output?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly when?: string;
}

/** What goes with `event` alone. */
const OF_EVENTS = ["mode", "match", "timeout", "on_timeout", "output", "outputs"] as const;

/** Lets time pass, or waits for events. */
export const wait: Kind = {
  form: (nodes) =>
    z.strictObject({
      id: Id,
      type: z.literal("wait").describe("Lets time pass, up to years, or waits for events; the run holds no worker meanwhile."),
      duration: Duration.optional().describe("How long."),
      ...WHEN,
      until: z.string().optional().describe("The field that holds the time: ISO 8601 with its zone, or milliseconds since 1970."),
      event: z
        .union([z.string(), z.array(z.string()).min(1)])
        .optional()
        .describe("The type of the event that it waits for, or several; those since the run's start count."),
      mode: z
        .union([z.enum(["any", "all"]), z.int()])
        .optional()
        .describe("How many of several types: any (the default), all, or a number."),
      match: Values.optional().describe("What the event's data must hold, by field: values, with {{field}} placeholders."),
      timeout: Duration.optional().describe("How long an event is waited for; for as long as it takes by default."),
      on_timeout: nodes.optional().describe("Nodes to go through when the time is over."),
      output: z.string().optional().describe("The field that takes the event's data."),
      outputs: z.record(z.string(), z.string()).optional().describe("Fields of the event's data, by the field that takes each."),
    }),
  draft(node, into) {
    const form = node as WaitForm;
    const { id, event, on_timeout: onTimeout } = form;
    if (event === undefined) {
      const odd = OF_EVENTS.find((key) => form[key] !== undefined);
      if (odd !== undefined) throw into.spot(odd).fault(`${odd} goes with event`);
      return { kind: "wait", name: id, time: timeOf(form, into), options: whenOf(form, into) };
    }
    const besides = (["duration", "until"] as const).find((key) => form[key] !== undefined);
    if (besides !== undefined) throw into.spot(besides).fault(`give event or ${besides}, not both; how long it is waited for is timeout`);
    return {
      kind: "wait",
      name: id,
      time: eventsOf(form, event, into),
      options: whenOf(form, into),
      ...(onTimeout === undefined ? {} : { timedOut: into.drafts(onTimeout, "on_timeout") }),
    };
  },
};

function eventsOf({ mode, match, timeout, output, outputs }: WaitForm, event: string | readonly string[], into: Into): EventWaitSettings {
  if (output !== undefined && outputs !== undefined) throw into.spot("outputs").fault("give output or outputs, not both");
  if (output !== undefined) into.uses.write(output, undefined, into.spot("output"));
  for (const field of Object.keys(outputs ?? {})) into.uses.write(field, undefined, into.spot("outputs", field));
  const values = readValues(match ?? {}, "match", into);
  const given = output ?? outputs;
  return {
    event,
    ...(mode === undefined ? {} : { mode }),
    ...(match === undefined ? {} : { match: values }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(given === undefined ? {} : { output: given }),
  };
}

function timeOf({ duration, until }: WaitForm, into: Into): WaitDraft["time"] {
  if (duration !== undefined && until !== undefined) throw into.spot("until").fault("give duration or until, not both");
  if (duration !== undefined) return duration;
  if (until !== undefined) {
    into.uses.read(until, "shown", into.spot("until"));
    return { until: (state) => look(state, [until]) };
  }
  const handler = into.handler();
  if (handler === undefined)
    throw into.spot().fault(`a wait needs a duration, until (a field), an event, or a handler: ${into.howToRegister}`);
  return { until: handler };
}
