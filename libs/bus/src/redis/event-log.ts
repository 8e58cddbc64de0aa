import { isTerminalEventType, messageOf, type OpenVibeEvent, type RunId } from "@openvibe/core";
import type { EventFilter, EventLog, LogBounds, LoggedEvent } from "../event-log.ts";
import { OrderedLane } from "../ordered-lane.ts";
import { isPassing, toBusError } from "./errors.ts";
import { APPEND, BOUNDS, PAGE } from "./event-log-scripts.ts";
import { parseEventText, toEventText } from "./event-wire.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import { numberOf, type Reply, type StreamEntry, toEntries, toList, toText } from "./reply.ts";
import { KEEP_EVENTS_MS } from "./retention.ts";
import type { StreamFollower } from "./stream-follower.ts";

const PAGE_EVENTS = 500;
/** Longer than the events themselves: what still lies in the log is known to be there. */
const KEEP_LISTS_MS = KEEP_EVENTS_MS + 86_400_000;

/** The script's answer, or why there is none. */
type Outcome = { readonly position: number } | { readonly failure: unknown };

export interface RedisLogOptions {
  readonly link: Link;
  readonly follower: StreamFollower;
  readonly maxEvents: number;
}

/** The event log as a stream: a position is the number that the server counts. */
export class RedisEventLog implements EventLog {
  readonly #options: RedisLogOptions;
  readonly #link: Link;
  readonly #lane: OrderedLane<OpenVibeEvent & { readonly text: string }, Outcome>;

  constructor(options: RedisLogOptions) {
    this.#options = options;
    this.#link = options.link;
    this.#lane = new OrderedLane({
      link: this.#link,
      send: ({ text, ...event }) => this.#append(event, text),
      again: (outcome) => "failure" in outcome && isPassing(outcome.failure),
      lost: { failure: new Error("the connection to Redis is lost") },
    });
  }

  async append(event: OpenVibeEvent): Promise<"stored" | "already_there"> {
    this.#link.assertOpen();
    const outcome = await this.#lane.send({ ...event, text: toEventText(event) });
    if ("failure" in outcome) throw toBusError(`event ${event.id} is not stored`, outcome.failure);
    return outcome.position > 0 ? "stored" : "already_there";
  }

  lastOf(runId: RunId): Promise<LoggedEvent | undefined> {
    return persist(this.#link, `the last event of run ${runId} cannot be read`, async () => {
      const position = Number(toText(await this.#link.call("LINDEX", this.#link.keys.eventsOf(runId), "-1")) || 0);
      return this.#find(position);
    });
  }

  async at(position: number): Promise<LoggedEvent | undefined> {
    if (!Number.isSafeInteger(position) || position < 1) return undefined;
    return persist(this.#link, `the event at ${position} cannot be read`, () => this.#find(position));
  }

  bounds(): Promise<LogBounds> {
    return persist(this.#link, "the event log's bounds cannot be read", async () => {
      const [first = 0, last = 0] = toList(await this.#link.run(BOUNDS, [this.#link.keys.events], [])).map(Number);
      return { first: first === 0 ? last + 1 : first, last };
    });
  }

  read(after: number, filter: EventFilter, signal: AbortSignal): AsyncIterable<LoggedEvent> {
    const bounds = this.bounds();
    bounds.catch(() => undefined); // told to whoever reads
    return this.#readTo(bounds, Math.max(0, after), filter, signal);
  }

  async listen(hear: (logged: LoggedEvent) => void): Promise<Disposable> {
    this.#link.assertOpen();
    const { last } = await this.bounds();
    return this.#options.follower.follow(this.#link.keys.events, { number: last, epoch: "" }, (position, { fields }) => {
      const event = parseEventText(fields.get("event"));
      if (event === undefined) return;
      try {
        hear({ position, event });
      } catch (thrown) {
        this.#link.logger.error({ error: messageOf(thrown), event_id: event.id }, "a listener of the event log threw");
      }
    });
  }

  async #append({ operatorId, runId, type, sequence }: OpenVibeEvent, text: string): Promise<Outcome> {
    const { keys } = this.#link;
    const ends = runId !== null && isTerminalEventType(type);
    const args = [text, operatorId ?? "", type, runId ?? "", ends ? 1 : 0, sequence ?? "", this.#options.maxEvents, KEEP_LISTS_MS];
    try {
      return { position: Number(await this.#link.runInOrder(APPEND, [keys.events, keys.eventsOf(runId ?? "")], args)) };
    } catch (failure) {
      return { failure };
    }
  }

  async #find(position: number): Promise<LoggedEvent | undefined> {
    if (position === 0) return undefined;
    const [entry] = toEntries(await this.#link.call("XRANGE", this.#link.keys.events, `0-${position}`, `0-${position}`));
    return entry === undefined ? undefined : toLogged(entry);
  }

  async *#readTo(
    bounds: Promise<LogBounds>,
    after: number,
    filter: EventFilter,
    signal: AbortSignal,
  ): AsyncGenerator<LoggedEvent, void, void> {
    const { last } = await bounds;
    const { runId } = filter;
    if (after >= last || filter.types?.length === 0) return;
    const pages = runId === undefined ? this.#scan(after, last, filter) : this.#pagesOfRun(runId, after, last);
    for await (const page of pages)
      for (const logged of page) {
        if (signal.aborted) return;
        if (fits(logged.event, filter)) yield logged;
      }
  }

  /** Looks through the whole log, on the server: only what fits travels. */
  async *#scan(after: number, last: number, { operatorId = "", types }: EventFilter): AsyncGenerator<readonly LoggedEvent[], void, void> {
    let seen = after;
    while (seen < last) {
      const args = [seen, last, PAGE_EVENTS, operatorId, types === undefined ? "" : JSON.stringify(types)];
      const [upTo, ...found] = await persist(this.#link, "the event log cannot be read", async () =>
        toList(await this.#link.run(PAGE, [this.#link.keys.events], args)),
      );
      seen = Number(upTo);
      yield toPage(found);
    }
  }

  async *#pagesOfRun(runId: RunId, after: number, last: number): AsyncGenerator<readonly LoggedEvent[], void, void> {
    const what = `the events of run ${runId} cannot be read`;
    const list = await persist(this.#link, what, () => this.#link.call("LRANGE", this.#link.keys.eventsOf(runId), "2", "-1"));
    const positions = toList(list)
      .map(Number)
      .filter((position) => position > after && position <= last);
    for (let from = 0; from < positions.length; from += PAGE_EVENTS) {
      const page = positions.slice(from, from + PAGE_EVENTS);
      const found = await persist(this.#link, what, () => Promise.all(page.map((position) => this.#find(position))));
      yield found.filter((logged) => logged !== undefined);
    }
  }
}

function toLogged({ id, fields }: StreamEntry): LoggedEvent | undefined {
  const event = parseEventText(fields.get("event"));
  return event === undefined ? undefined : { position: numberOf(id), event };
}

/** Positions and texts in turns. */
function toPage(found: readonly Reply[]): readonly LoggedEvent[] {
  return found.flatMap((position, index) => {
    const event = index % 2 === 0 ? parseEventText(toText(found[index + 1])) : undefined;
    return event === undefined ? [] : [{ position: Number(position), event }];
  });
}

function fits(event: OpenVibeEvent, { operatorId, runId, types }: EventFilter): boolean {
  return (
    (operatorId === undefined || event.operatorId === operatorId) &&
    (runId === undefined || event.runId === runId) &&
    (types === undefined || types.includes(event.type))
  );
}
