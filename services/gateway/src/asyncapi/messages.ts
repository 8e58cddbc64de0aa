/** What travels on the channels, beside the events. */
import { type ZodType, z } from "zod";
import { Json, JsonObject, Time } from "../schemas/json.ts";
import { AcceptedRunBody, ActivationBody } from "../schemas/runs.ts";
import type { EventDoc } from "./event-data.ts";

export interface MessageDoc {
  readonly says: string;
  readonly payload: ZodType | undefined;
  readonly headers?: ZodType;
}

const optional = () => z.string().optional();

const EventHeaders = z
  .looseObject({
    "ce-specversion": z.literal("1.0"),
    "ce-id": z.string().describe("{run_id}:{sequence} for a run's events. The same id is the same event."),
    "ce-source": z.string(),
    "ce-type": z.string(),
    "ce-subject": optional().describe("runs/{run_id}"),
    "ce-time": z.string().describe("ISO 8601, UTC."),
    "ce-operatorid": optional(),
    "ce-workflowid": optional(),
    "ce-runid": optional(),
    "ce-nodeid": optional(),
    "ce-sequence": optional().describe("Per run, from 0, without gaps."),
    "ce-dataref": optional().describe("Where the data is (an address of the HTTP API), above 64 KB of JSON; the payload is empty then."),
    "ce-traceparent": optional(),
    "content-type": z.literal("application/json"),
  })
  .meta({
    id: "EventHeaders",
    description:
      "CloudEvents 1.0 in binary mode. Values are percent-encoded where they are not printable ASCII, a space, % or a double quote.",
  });

const RequestHeaders = z
  .looseObject({
    "ov-ask-id": optional().describe(
      "Up to 500 characters, unique per thing asked for. The same again gives the same run, for 8 days at least.",
    ),
    "ov-deadline": optional().describe("Until when the answer is waited for: milliseconds since 1970. In a minute when absent."),
    "ov-hops": optional().describe(
      "How many events, changes of context and questions in a row led to this one, itself counted: 16 at most. Who asks because it was asked passes it on.",
    ),
    traceparent: optional().describe("W3C trace context."),
  })
  .meta({ id: "RequestHeaders" });

const Refusal = z
  .strictObject({
    error: z.looseObject({
      code: z.string().optional().describe("For programs; those of the HTTP API's problems. Never renamed."),
      message: z.string().describe("For people; its text may change."),
    }),
  })
  .meta({ id: "Refusal", description: "What went wrong, in place of an answer." });

const LIVE = {
  time: Time,
  operator_id: z.string(),
  workflow_id: z.string(),
  run_id: z.string(),
  node_id: z.string().nullable(),
  attempt: z.int().describe("Of the run."),
  number: z.int().describe("Of the live event in its attempt, from 0, without gaps."),
};

export const MESSAGES = {
  published: { says: "An event of an operator's own, or from outside.", payload: JsonObject, headers: EventHeaders },
  activate: { says: "Starts a run.", payload: ActivationBody, headers: RequestHeaders },
  accepted: { says: "The run, stored: it will end.", payload: AcceptedRunBody },
  request: { says: "What is asked; an empty payload is null.", payload: Json, headers: RequestHeaders },
  reply: { says: "The answer.", payload: Json },
  refusal: { says: "What went wrong.", payload: Refusal },
  wake_up: { says: "Empty: the subject says it all.", payload: undefined },
  control: { says: "A signal.", payload: JsonObject },
  heartbeat: {
    says: "An instance is alive.",
    payload: z.looseObject({ server: z.string(), version: z.string(), capabilities: z.array(z.string()), last_heartbeat: Time }),
  },
  dead_letter: { says: "What the message was.", payload: JsonObject },
} as const satisfies Record<string, MessageDoc>;

export function toStoredMessage({ says, data }: EventDoc): MessageDoc {
  return { says, payload: data, headers: EventHeaders };
}

export function toLiveMessage(type: string, { says, data }: EventDoc): MessageDoc {
  return { says, payload: z.looseObject({ type: z.literal(type), ...LIVE, data }) };
}
