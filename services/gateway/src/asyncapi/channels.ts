/** Every subject that OpenVibe publishes to or listens to, in words. A new one in `subjects` does not compile until it is told of here. */
import { ACTIVATE, ANY, CONTROL_VERBS, DEAD_LETTER_REASONS, ID_PATTERN, MAIN_LANE, subjects, WakeKind } from "@openvibe/core";

export interface ChannelDoc {
  readonly title: string;
  readonly description: string;
  /** With a `*` for each parameter. */
  readonly subject: string;
  /** Of the `*`, in their order. */
  readonly parameters: readonly Parameter[];
}

type Parameter = keyof typeof PARAMETERS;

export const PARAMETERS = {
  operator_id: { description: `Id of an operator (${ID_PATTERN}); "-" where an event is no operator's.`, examples: ["hello"] },
  run_id: { description: 'Id of a run; "-" where an event is no run\'s.', examples: ["run_2026-11-28_0mil2x9gk7f3a9q1zt4"] },
  type: { description: "The event's type, its dots as _ (lead.qualified: lead_qualified).", examples: ["run_completed"] },
  kind: { description: "What the wake-up is for; fixed by its number.", enum: Object.values(WakeKind) },
  wake: { description: "The wake-up's number in its run, from 0.", examples: ["0"] },
  verb: { description: "cancel: stop this run. wake: this run changed.", enum: CONTROL_VERBS },
  capability: { description: "What the operator answers, as its definition names it.", examples: ["research"] },
  reason: { description: "Why the message came to nothing.", enum: DEAD_LETTER_REASONS },
} as const;

type Told = Exclude<keyof typeof subjects, "activations" | "events">; // those two are wildcards over others

export const CHANNELS = {
  event: {
    title: "Stored events",
    description:
      "Where events are published; the stream OV_EVENTS keeps them for 7 days. After a lost answer one is published again: the stream leaves the second one out, a plain subscription hears it. Listen to `log` instead.",
    subject: subjects.event(ANY, ANY, ANY),
    parameters: ["operator_id", "type", "run_id"],
  },
  log: {
    title: "The event log, live",
    description:
      "Each event once more, as the stream OV_EVENTS has stored it, with its place there as Nats-Sequence. What to listen to; what was missed is read from the stream.",
    subject: subjects.log(ANY, ANY, ANY),
    parameters: ["operator_id", "type", "run_id"],
  },
  live: {
    title: "Live events",
    description: "Told to whoever listens, kept by nobody. Numbered by attempt: a listener sees what it missed.",
    subject: subjects.live(ANY, ANY, ANY),
    parameters: ["operator_id", "type", "run_id"],
  },
  request: {
    title: "Asking an operator",
    description: "Request and reply: an operator's workers answer in a queue group. No responders is the answer where nobody serves it.",
    subject: subjects.request(ANY, ANY),
    parameters: ["operator_id", "capability"],
  },
  activation: {
    title: "Wake-ups",
    description:
      "OpenVibe's own: say that a stored run can go on, ids only. Publishing here starts nothing, and is put aside as a dead letter; ask `activate` instead.",
    subject: subjects.activation({ operatorId: ANY, lane: MAIN_LANE, kind: ANY, runId: ANY, wake: ANY }),
    parameters: ["operator_id", "kind", "run_id", "wake"],
  },
  control: {
    title: "Control",
    description: "OpenVibe's own: hurries what the store says anyway. Kept by nobody.",
    subject: subjects.control(ANY, ANY, ANY),
    parameters: ["operator_id", "verb", "run_id"],
  },
  heartbeat: {
    title: "Who serves an operator",
    description: "Each instance that serves it, every 10 s.",
    subject: subjects.heartbeat(ANY),
    parameters: ["operator_id"],
  },
  deadLetter: {
    title: "Dead letters",
    description:
      "Messages from which nothing can follow; the stream OV_DEAD_LETTERS keeps them for 90 days. Runs that died are rows of the store.",
    subject: subjects.deadLetter(ANY, ANY),
    parameters: ["operator_id", "reason"],
  },
} as const satisfies Record<Told, ChannelDoc>;

export const ACTIVATE_CHANNEL: ChannelDoc = {
  title: "Starting a run",
  description:
    "Request and reply, answered by every gateway for all operators: what POST /v1/operators/{operator_id}/activate is over HTTP. After an answer that is a run, the run ends, whatever process dies.",
  subject: subjects.request(ANY, ACTIVATE),
  parameters: ["operator_id"],
};

export function addressOf({ subject, parameters }: ChannelDoc): string {
  return parameters.reduce<string>((address, name) => address.replace(ANY, `{${name}}`), subject);
}
