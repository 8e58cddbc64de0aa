import type { WakeUp } from "@openvibe/core";
import type { Delivery } from "../work-queue.ts";
import type { Link } from "./link.ts";
import { CONSUMER, DONE, GROUP, RELEASE } from "./work-queue-scripts.ts";

/** An entry of an operator's stream, given to a taker. */
export interface Held {
  readonly id: string;
  /** `<kind>.<run>.<number>`. */
  readonly name: string;
  readonly wakeUp: WakeUp;
}

/** A wake-up in a worker's hands. What cannot be sent is let go: the wake-up is then delivered again. */
export function toDelivery(link: Link, { id, name, wakeUp }: Held): Delivery {
  const { stream, lying, delayed } = link.keys.activations(wakeUp.operatorId);
  const keys = [stream, lying, delayed];
  let settled = false;
  const settle = (what: string, work: () => Promise<unknown>) => {
    if (settled) return;
    settled = true;
    link.tell(what, work());
  };
  return {
    wakeUp,
    extend: () => {
      // The one name that all have in the group: this is for whoever holds it now.
      if (!settled) link.tell("extend", link.call("XCLAIM", stream, GROUP, CONSUMER, "0", id, "JUSTID"));
    },
    release: (delayMs) => settle("release", () => link.run(RELEASE, keys, [name, id, Math.max(0, Math.round(delayMs))])),
    done: () => settle("done", () => link.run(DONE, keys, [name, id])),
  };
}
