import type { StoredMsg } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/transport-node";
import { ANY, isTerminalEventType, messageOf, type OpenVibeEvent, type RunId, subjects } from "@openvibe/core";
import { OV_EVENTS } from "@openvibe/nats";
import type { EventFilter, EventLog, LogBounds, LoggedEvent } from "../event-log.ts";
import type { OrderedLane } from "../ordered-lane.ts";
import { parseEventMessage, toEventMessage } from "./event-wire.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import { type Message, type Outcome, openLane, toOutcomeError } from "./publish.ts";
import { readStream } from "./stream-reader.ts";

/** The stream OV_EVENTS: a position is a stream sequence. */
export class NatsEventLog implements EventLog {
  readonly #link: Link;
  readonly #lane: OrderedLane<Message, Outcome>;

  constructor(link: Link) {
    this.#link = link;
    this.#lane = openLane(link);
  }

  async append(event: OpenVibeEvent): Promise<"stored" | "already_there"> {
    this.#link.assertOpen();
    // Exactly once rests on the expected sequence alone. The msgID swallows what the lane repeats after an unknown answer.
    const onlyOnce = event.runId !== null && isTerminalEventType(event.type);
    const outcome = await this.#lane.send(toEventMessage(event, { onlyOnce }));
    if (outcome.kind === "stored") return "stored";
    if (outcome.kind === "duplicate" || (onlyOnce && outcome.kind === "wrong_sequence")) return "already_there";
    throw toOutcomeError(`event ${event.id} is not stored`, outcome);
  }

  /** From the stream's leader: a successor must not overlook what its predecessor stored last. */
  async lastOf(runId: RunId): Promise<LoggedEvent | undefined> {
    const message = await persist(this.#link, `the last event of run ${runId} cannot be read`, () =>
      this.#link.jsm.streams.getMessage(OV_EVENTS, { last_by_subj: subjects.event(ANY, ANY, runId) }),
    );
    return toLogged(message);
  }

  async at(position: number): Promise<LoggedEvent | undefined> {
    if (!Number.isSafeInteger(position) || position < 1) return undefined;
    const message = await persist(this.#link, `the event at ${position} cannot be read`, async () => {
      const { direct, streams } = this.#link.jsm;
      // Any copy may answer; one that has nothing may only lag.
      return (await direct.getMessage(OV_EVENTS, { seq: position })) ?? (await streams.getMessage(OV_EVENTS, { seq: position }));
    });
    return toLogged(message);
  }

  async bounds(): Promise<LogBounds> {
    const { state } = await persist(this.#link, "the event log's bounds cannot be read", () => this.#link.jsm.streams.info(OV_EVENTS));
    return { first: state.messages === 0 ? state.last_seq + 1 : state.first_seq, last: state.last_seq };
  }

  read(after: number, filter: EventFilter, signal: AbortSignal): AsyncIterable<LoggedEvent> {
    const bounds = this.bounds();
    bounds.catch(() => undefined); // told to whoever reads
    return this.#readTo(bounds, after, filter, signal);
  }

  async listen(hear: (logged: LoggedEvent) => void): Promise<Disposable> {
    this.#link.assertOpen();
    const { logger, nc } = this.#link;
    const callback = (error: Error | null, message: Msg) => {
      const position = Number(message?.headers?.get("Nats-Sequence") ?? Number.NaN);
      const event = error === null ? parseEventMessage(message.headers, message.data) : undefined;
      if (event === undefined || !Number.isSafeInteger(position)) return;
      try {
        hear({ position, event });
      } catch (thrown) {
        logger.error({ error: messageOf(thrown), event_id: event.id }, "a listener of the event log threw");
      }
    };
    const subscription = await this.#link.settle(nc.subscribe(subjects.log(ANY, ANY, ANY), { callback }));
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  async *#readTo(
    bounds: Promise<LogBounds>,
    after: number,
    filter: EventFilter,
    signal: AbortSignal,
  ): AsyncGenerator<LoggedEvent, void, void> {
    const { last } = await bounds;
    const filters = toSubjects(filter);
    if (filters.length === 0) return;
    const range = { stream: OV_EVENTS, subjects: filters, after: Math.max(0, after), until: last };
    for await (const { seq, headers, data } of readStream(this.#link, range, signal)) {
      const event = parseEventMessage(headers, data);
      // Two types may share a token: `lead.qualified` and `lead_qualified`.
      if (event !== undefined && (filter.types === undefined || filter.types.includes(event.type))) yield { position: seq, event };
    }
  }
}

function toSubjects({ operatorId = ANY, runId = ANY, types }: EventFilter): readonly string[] {
  if (types === undefined) return [subjects.event(operatorId, ANY, runId)];
  // The server refuses filters that cover each other, also equal ones.
  return [...new Set(types.map((type) => subjects.event(operatorId, type, runId)))];
}

function toLogged(message: StoredMsg | null): LoggedEvent | undefined {
  const event = message === null ? undefined : parseEventMessage(message.header, message.data);
  return message === null || event === undefined ? undefined : { position: message.seq, event };
}
