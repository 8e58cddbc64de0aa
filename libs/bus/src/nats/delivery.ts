import type { Msg } from "@nats-io/transport-node";
import type { WakeUp } from "@openvibe/core";
import type { Delivery } from "../work-queue.ts";

const encoder = new TextEncoder();
const ACK = encoder.encode("+ACK");
const NAK = encoder.encode("-NAK");
const WORKING = encoder.encode("+WPI");

/** A message of the work queue in a worker's hands. What cannot be sent is let go: the broker then delivers it again. */
export function toDelivery(message: Msg, wakeUp: WakeUp): Delivery {
  let settled = false;
  const settle = (answer: Uint8Array) => {
    if (settled) return;
    settled = true;
    respond(message, answer);
  };
  return {
    wakeUp,
    extend: () => {
      if (!settled) respond(message, WORKING);
    },
    release: (delayMs) => settle(delayMs <= 0 ? NAK : encoder.encode(`-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1_000_000) })}`)),
    done: () => settle(ACK),
  };
}

export function acknowledge(message: Msg): void {
  respond(message, ACK);
}

/** To be delivered again at once. */
export function putBack(message: Msg): void {
  respond(message, NAK);
}

function respond(message: Msg, answer: Uint8Array): void {
  try {
    message.respond(answer);
  } catch {
    // The connection is closed: the broker misses the answer and delivers again, which is what it is for.
  }
}
