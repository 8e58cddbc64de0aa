import type { RequestEnvelope } from "@openvibe/bus";
import { OpenVibeError, type RunCause } from "@openvibe/core";

/** Ours is an effect key and a number. */
const MAX_ASK_ID = 500;

/**
 * The cause of a run that was asked for over the bus: the same ask again finds that run. `what` is `operator.capability`. The id comes from
 * outside: what no database keeps is refused here, in words.
 * @throws OpenVibeError OV_REQUEST_INVALID
 */
export function toAskOrigin(askId: string, what: string): string {
  if (askId.length <= MAX_ASK_ID && !/\p{Cc}/u.test(askId)) return `ask:${askId}:${what}`;
  throw new OpenVibeError(
    "OV_REQUEST_INVALID",
    `${what}: the ask id ${JSON.stringify(askId.slice(0, 80))} is not allowed: up to ${MAX_ASK_ID} characters, none of them a control character`,
  );
}

/** What a run follows from that was asked for; nothing where a program from outside asks. */
export function toAskCause({ hops }: Pick<RequestEnvelope, "hops">): { readonly cause?: RunCause } {
  return hops === undefined ? {} : { cause: { kind: "ask", hops } };
}
