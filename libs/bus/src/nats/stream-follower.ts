import { hash } from "node:crypto";
import type { StreamInfo } from "@nats-io/jetstream";
import { Patience } from "../patience.ts";
import type { Link } from "./link.ts";
import { readOnce, type StreamMessage, type StreamRange, throwRefusal } from "./stream-reader.ts";

/** A message, and which stream of that name it lies in. */
export interface FollowedMessage extends StreamMessage {
  readonly epoch: string;
}

export interface FollowRange extends Pick<StreamRange, "stream" | "subjects" | "after"> {
  /** Which stream `after` is a sequence of, where that is known. */
  readonly epoch?: string | undefined;
}

/**
 * Which stream of its name it is, in 48 bits: when it was made, to the nanosecond. That outlives a restart of its servers, and is the same on each of
 * them and after a change of its configuration (seen on 2.10.27 and 2.15.2).
 */
export function epochOf({ created }: Pick<StreamInfo, "created">): string {
  return hash("sha256", created, "hex").slice(0, 12);
}

/**
 * Tells what is stored in a stream, in order, for as long as it takes: over outages from where it stopped, over the loss of the stream from the beginning of
 * the one that was made anew.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE when the server refuses it
 */
export async function* followStream(link: Link, range: FollowRange, signal: AbortSignal): AsyncGenerator<FollowedMessage, void, void> {
  const { stream, subjects } = range;
  const patience = new Patience(link, Number.POSITIVE_INFINITY);
  const over = () => signal.aborted || link.closing.aborted;
  let { after, epoch = "" } = range;
  // Asked when the consumer is there: a stream that is lost from then on takes it along, so that what it delivers is of this one.
  const isSame = async () => {
    const info = await link.ask(link.jsm.streams.info(stream));
    const known = epoch;
    epoch = epochOf(info);
    if ((known === "" || known === epoch) && info.state.last_seq >= after) return true;
    after = 0;
    return false;
  };
  while (!over()) {
    try {
      for await (const message of readOnce(link, { stream, subjects, after }, signal, isSame)) {
        patience.reset();
        if (over()) return;
        after = message.seq;
        yield { ...message, epoch };
      }
    } catch (error) {
      throwRefusal(error, stream);
    }
    if (!(await patience.again(signal))) return;
  }
}
