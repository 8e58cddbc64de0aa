import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import { errors } from "@nats-io/transport-node";
import { OpenVibeError } from "@openvibe/core";
import { OrderedLane } from "../ordered-lane.ts";
import { Patience } from "../patience.ts";
import { isNoResponders, isPassing, isPassingStatus, isTooLarge, toBusError } from "./errors.ts";
import type { Link } from "./link.ts";

export interface Message {
  readonly subject: string;
  readonly body: Uint8Array | string;
  readonly headers?: MsgHdrs;
}

/** What a stream answered to a message. */
export type Outcome =
  | { readonly kind: "stored"; readonly seq: number }
  /** Its msgID was seen within the stream's window. */
  | { readonly kind: "duplicate" }
  /** The stream keeps one message per subject, and has one. */
  | { readonly kind: "subject_taken" }
  /** The expected last sequence of its subject is another. */
  | { readonly kind: "wrong_sequence" }
  | { readonly kind: "full"; readonly cause: unknown }
  /** `again`: it may go well soon. `stored`: whether it may have been stored all the same. */
  | { readonly kind: "unavailable"; readonly cause: unknown; readonly again: boolean; readonly stored: "no" | "unknown" };

/** One attempt's time: longer than a healthy broker takes, shorter than an election. */
const ATTEMPT_MS = 3_000;

const WRONG_LAST_SEQUENCE = 10071;
/** Another message on the subject is being stored at this moment. */
const WRONG_LAST_SEQUENCE_IN_FLIGHT = 10164;
/** Also of "maximum messages per subject exceeded": the two are told apart by the text. */
const STORE_FAILED = 10077;
const OUT_OF_RESOURCES = new Set([10023, 10047]);
const TOO_LARGE = 10054;

interface StreamAnswer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

/** Sends one message to whatever stream its subject belongs to. Sent when called, so calls keep their order. */
async function publishOnce(link: Link, { subject, body, headers }: Message, timeoutMs: number = ATTEMPT_MS): Promise<Outcome> {
  let reply: Msg;
  try {
    reply = await link.track(link.answers.ask(subject, body, { timeoutMs, ...(headers === undefined ? {} : { headers }) }));
  } catch (cause) {
    const certain = isNoResponders(cause) || isTooLarge(cause) || cause instanceof errors.ClosedConnectionError;
    return { kind: "unavailable", cause, again: isPassing(cause), stored: certain ? "no" : "unknown" };
  }
  return toOutcome(JSON.parse(reply.string()) as StreamAnswer);
}

/** Messages stored in the order they were given; a second copy does no harm, because every message has a msgID. */
export function openLane(link: Link): OrderedLane<Message, Outcome> {
  return new OrderedLane<Message, Outcome>({
    link,
    send: (message) => publishOnce(link, message),
    again: (outcome) => outcome.kind === "unavailable" && outcome.again,
    lost: { kind: "unavailable", cause: new Error("the connection to NATS is lost"), again: true, stored: "no" },
  });
}

/** Sends it again until the stream answers or patience is over. After an unknown outcome only when `repeatable` says that a second copy does no harm. */
export async function publishUntil(link: Link, message: Message, { repeatable }: { repeatable: boolean }): Promise<Outcome> {
  link.assertOpen();
  const patience = new Patience(link);
  if (!link.connected) await patience.again();
  for (;;) {
    const outcome = await publishOnce(link, message, Math.max(1, Math.min(ATTEMPT_MS, patience.leftMs)));
    if (outcome.kind !== "unavailable" || !outcome.again) return outcome;
    if (outcome.stored === "unknown" && !repeatable) return outcome;
    if (!(await patience.again())) return outcome;
  }
}

/** What is left when an outcome is none of those that a caller expects. */
export function toOutcomeError(what: string, outcome: Outcome): OpenVibeError {
  switch (outcome.kind) {
    case "full":
      return new OpenVibeError("OV_BUS_FULL", `${what}: the stream takes no more`, { cause: outcome.cause });
    case "unavailable":
      return toBusError(what, outcome.cause);
    case "stored":
    case "duplicate":
    case "subject_taken":
    case "wrong_sequence":
      return new OpenVibeError("OV_BUS_CONFIG", `${what}: the stream answered ${outcome.kind}, it is not set up as OpenVibe needs it`);
    default:
      return outcome satisfies never;
  }
}

function toOutcome({ seq = 0, duplicate = false, error }: StreamAnswer): Outcome {
  if (error === undefined) return duplicate ? { kind: "duplicate" } : { kind: "stored", seq };
  const cause = new Error(`${error.description ?? "error"} (${error.err_code ?? error.code})`);
  const code = error.err_code ?? 0;
  if (code === WRONG_LAST_SEQUENCE) return { kind: "wrong_sequence" };
  if (code === STORE_FAILED && error.description?.includes("per subject") === true) return { kind: "subject_taken" };
  if (code === STORE_FAILED && /maximum (messages|bytes)/.test(error.description ?? "")) return { kind: "full", cause };
  if (OUT_OF_RESOURCES.has(code)) return { kind: "full", cause };
  if (code === TOO_LARGE)
    return { kind: "unavailable", cause: new OpenVibeError("OV_BODY_TOO_LARGE", cause.message, { cause }), again: false, stored: "no" };
  return { kind: "unavailable", cause, again: code === WRONG_LAST_SEQUENCE_IN_FLIGHT || isPassingStatus(error.code), stored: "no" };
}
