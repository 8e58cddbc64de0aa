import { AckPolicy, type ConsumerConfig, DeliverPolicy, JetStreamApiError, ReplayPolicy } from "@nats-io/jetstream";
import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import { newToken } from "@openvibe/core";
import { Inbox } from "../inbox.ts";
import { Patience } from "../patience.ts";
import { toBusError } from "./errors.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import { openPull, type PullEnd } from "./pull.ts";

/** A message as it lies in a stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly seq: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly storedAt: number;
  readonly headers: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

export interface StreamRange {
  readonly stream: string;
  /** At least one, none of which covers another. */
  readonly subjects: readonly string[];
  /** The last sequence already seen. */
  readonly after: number;
  /** Reads up to this sequence and ends. */
  readonly until: number;
  /** Only the newest message of each subject, without its body; those stored meanwhile too. */
  readonly newestOnly?: boolean;
}

/** A range that may have no end: what is stored later belongs to it. */
export type OpenRange = Omit<StreamRange, "until"> & Partial<Pick<StreamRange, "until">>;

const BATCH = 500;
const EXPIRES_MS = 4_000;
const IDLE_MS = 30_000;

/**
 * Reads a stream in order, by a consumer in the server's memory that is made anew after every outage, from where it stopped. It is finished when
 * the stream's leader says so: the copy that a consumer reads from may lag.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE
 */
export async function* readStream(link: Link, range: StreamRange, signal: AbortSignal): AsyncGenerator<StreamMessage, void, void> {
  const { stream, until, newestOnly = false } = range;
  const patience = new Patience(link);
  const over = () => signal.aborted || link.closing.aborted;
  let after = range.after;
  while (!over() && after < until) {
    let failure: unknown;
    try {
      for await (const message of readOnce(link, { ...range, after }, signal)) {
        patience.reset();
        if (message.seq > until && !newestOnly) return;
        if (over()) return;
        after = message.seq;
        yield message;
      }
      if (over() || after >= until || !(await hasMore(link, { ...range, after }))) return;
    } catch (error) {
      throwRefusal(error, stream);
      failure = error;
    }
    if (!(await patience.again(signal))) {
      if (over()) return;
      throw toBusError(`stream ${stream} cannot be read`, failure);
    }
  }
}

/** @throws OpenVibeError when what was asked for is wrong, so that asking again is of no use */
export function throwRefusal(error: unknown, stream: string): void {
  if (error instanceof JetStreamApiError && error.status === 400) throw toBusError(`stream ${stream} cannot be read`, error);
}

/** Reads with one consumer until it is lost or, with `until`, has nothing more. Nothing when `mayBegin`, which is asked once the consumer is there, says no. */
export async function* readOnce(
  link: Link,
  range: OpenRange,
  signal: AbortSignal,
  mayBegin: () => Promise<boolean> = async () => true,
): AsyncGenerator<StreamMessage, void, void> {
  const { stream, until } = range;
  const name = `read_${newToken()}`;
  let pending = await createConsumer(link, range, name);
  let delivered = 0;
  try {
    if (!(await mayBegin())) return;
    while (!signal.aborted && !link.closing.aborted && (until === undefined || pending > 0)) {
      const before = delivered;
      const batch = until === undefined ? BATCH : Math.min(BATCH, pending);
      for await (const message of pullOnce(link, { stream, consumer: name, batch }, signal)) {
        const place = parsePlace(message.reply ?? "");
        if (place.consumerSeq !== ++delivered) throw new Error(`consumer ${name} skipped a message`);
        pending = place.pending;
        const { subject, headers, data } = message;
        yield { subject, headers, data, seq: place.seq, storedAt: place.storedAt };
      }
      // What is left was removed from the stream meanwhile, or is not on this copy yet.
      if (until !== undefined && delivered === before) return;
    }
  } finally {
    if (link.connected) link.track(link.jsm.consumers.delete(stream, name)).catch(() => undefined);
  }
}

async function createConsumer(link: Link, { stream, subjects, after, newestOnly = false }: OpenRange, name: string): Promise<number> {
  const [only] = subjects;
  const config: Partial<ConsumerConfig> = {
    name,
    ...(subjects.length === 1 && only !== undefined ? { filter_subject: only } : { filter_subjects: [...subjects] }),
    ...(newestOnly
      ? { deliver_policy: DeliverPolicy.LastPerSubject, headers_only: true }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 }),
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.None,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: IDLE_MS * 1_000_000,
  };
  return (await link.ask(link.jsm.consumers.add(stream, config))).num_pending;
}

/** One pull's messages. @throws Error when the server does not know the consumer (any more) */
function pullOnce(link: Link, request: { stream: string; consumer: string; batch: number }, signal: AbortSignal): AsyncIterable<Msg> {
  let end: PullEnd | undefined;
  const stop = () => inbox.end();
  const inbox = new Inbox<Msg>(() => {
    signal.removeEventListener("abort", stop);
    if (end === undefined) void pull.close();
  });
  const pull = openPull(link, {
    ...request,
    expiresMs: EXPIRES_MS,
    onMessage: (message) => inbox.push(message),
    onEnd: (reason) => {
      end = reason;
      inbox.end(reason === "lost" ? new Error(`consumer ${request.consumer} is lost`) : undefined);
    },
  });
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  return inbox;
}

/** Asks the leader whether anything up to `until` is left. */
async function hasMore(link: Link, { stream, subjects, after, until }: StreamRange): Promise<boolean> {
  const found = await Promise.all(
    subjects.map((subject) => {
      const query = { seq: after + 1, next_by_subj: subject };
      return persist(link, `stream ${stream} cannot be read`, () => link.jsm.streams.getMessage(stream, query));
    }),
  );
  return found.some((message) => message !== null && message.seq <= until);
}

interface Place {
  readonly seq: number;
  readonly consumerSeq: number;
  readonly storedAt: number;
  readonly pending: number;
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<consumer seq>.<nanoseconds>.<pending>`; newer servers may put domain and account first, a token last. */
function parsePlace(reply: string): Place {
  const tokens = reply.split(".");
  const at = tokens.length === 9 ? 4 : 6;
  const number = (index: number) => Number(tokens[at + index] ?? Number.NaN);
  return { seq: number(1), consumerSeq: number(2), storedAt: Math.floor(number(3) / 1_000_000), pending: number(4) };
}
