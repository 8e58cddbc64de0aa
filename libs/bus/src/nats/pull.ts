import type { Msg } from "@nats-io/transport-node";
import type { Link } from "./link.ts";

/** Why a pull ended: all it asked for came, its time passed, or it is not known to the server (any more). */
export type PullEnd = "filled" | "expired" | "lost";

export interface PullOptions {
  readonly stream: string;
  readonly consumer: string;
  readonly batch: number;
  /** After this the server ends it. Milliseconds. */
  readonly expiresMs: number;
  readonly onMessage: (message: Msg) => void;
  readonly onEnd: (end: PullEnd) => void;
}

/** An open request for messages of a pull consumer. */
export interface Pull {
  /** Messages that may still come. */
  readonly left: number;
  /** Ends it at the server, then waits for what was already on its way: `onMessage` still gets that. */
  close(): Promise<void>;
}

/** The server ends an expired pull by itself; this much later the pull is taken for lost with its server. */
const GRACE_MS = 1_000;

const IDLE_HEARTBEAT = 100;
const NO_MESSAGES = 404;
const REQUEST_TIMEOUT = 408;

/**
 * Asks once for up to `batch` messages and hands them on as they arrive. The client's own `fetch` drops what is under way when it is ended;
 * such a message would wait the whole ack_wait for its next taker.
 */
export function openPull(link: Link, { stream, consumer, batch, expiresMs, onMessage, onEnd }: PullOptions): Pull {
  const inbox = link.newInbox();
  let left = batch;
  let closing: Promise<void> | undefined;
  let ended = false;

  const end = (reason: PullEnd) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    off();
    if (closing === undefined) subscription.unsubscribe();
    left = 0;
    onEnd(reason);
  };
  const timer = setTimeout(() => end("lost"), expiresMs + GRACE_MS);
  const off = link.onChange(() => end("lost"));
  const subscription = link.nc.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) end("lost");
      else if (message.subject === inbox) hearStatus(message.headers?.code ?? 0);
      else {
        left = Math.max(0, left - 1);
        onMessage(message);
        if (left === 0) end("filled");
      }
    },
  });
  const hearStatus = (code: number) => {
    if (code === IDLE_HEARTBEAT) return;
    end(code === NO_MESSAGES || code === REQUEST_TIMEOUT ? "expired" : "lost");
  };
  // The server counts in nanoseconds.
  const request = JSON.stringify({ batch, expires: expiresMs * 1_000_000 });
  try {
    link.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, { reply: inbox });
  } catch {
    queueMicrotask(() => end("lost")); // the connection is closed
  }

  return {
    get left() {
      return left;
    },
    close() {
      closing ??= drain();
      return closing;
    },
  };

  async function drain(): Promise<void> {
    if (ended) return;
    clearTimeout(timer);
    off();
    await link.finish(subscription);
    end("expired");
  }
}
