import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { type Clock, isTerminalEventType, type Logger, messageOf, type OpenVibeEvent, type RunId } from "@openvibe/core";
import type { EventFilter, EventLog, LogBounds, LoggedEvent } from "../event-log.ts";
import { toJsonText } from "../limits.ts";
import { guarded, inTransaction } from "./database.ts";
import { assertOpen } from "./open.ts";

const PAGE = 500;

interface Pending {
  readonly event: OpenVibeEvent;
  readonly text: string;
  readonly resolve: (answer: "stored" | "already_there") => void;
  readonly reject: (error: unknown) => void;
}

export interface MemoryLogOptions {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

/** The log as a SQLite table: as durable as the database that was handed in. */
export class MemoryEventLog implements EventLog {
  readonly #options: MemoryLogOptions;
  readonly #listeners = new Set<(logged: LoggedEvent) => void>();
  readonly #insert: StatementSync;
  readonly #reads = new Map<string, StatementSync>();
  #pending: Pending[] = [];

  constructor(options: MemoryLogOptions) {
    this.#options = options;
    this.#insert = options.database.prepare(
      `INSERT INTO bus_events (operator_id, run_id, type, terminal, stored_at, event)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT (?4 = 1 AND EXISTS (SELECT 1 FROM bus_events WHERE run_id = ?2 AND terminal = 1))`,
    );
  }

  append(event: OpenVibeEvent): Promise<"stored" | "already_there"> {
    return new Promise((resolve, reject) => {
      assertOpen(this.#options.closing);
      const text = toJsonText({ ...event }, `event ${event.id}`);
      // What one turn of the event loop appends is one transaction: a commit costs more than an insert.
      if (this.#pending.length === 0) setImmediate(() => this.flush());
      this.#pending.push({ event, text, resolve, reject });
    });
  }

  /** Stores what was appended. Called by whoever reads, so that reads see what was appended before them. */
  flush(): void {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    try {
      const positions = guarded("events cannot be stored", () =>
        inTransaction(this.#options.database, () => batch.map((one) => this.#store(one))),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(positions[index] === undefined ? "already_there" : "stored");
      for (const [index, { event }] of batch.entries()) this.#tell(positions[index], event);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async lastOf(runId: RunId): Promise<LoggedEvent | undefined> {
    return this.#query("run_id = ? ORDER BY position DESC LIMIT 1", [runId])[0];
  }

  async at(position: number): Promise<LoggedEvent | undefined> {
    return this.#query("position = ?", [position])[0];
  }

  async bounds(): Promise<LogBounds> {
    return this.#bounds();
  }

  read(after: number, filter: EventFilter, signal: AbortSignal): AsyncIterable<LoggedEvent> {
    const { last } = this.#bounds();
    return this.#readTo(last, after, filter, signal);
  }

  async listen(hear: (logged: LoggedEvent) => void): Promise<Disposable> {
    assertOpen(this.#options.closing);
    // A listener of one's own, so that the same function may listen twice.
    const listener = (logged: LoggedEvent) => hear(logged);
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async *#readTo(last: number, after: number, filter: EventFilter, signal: AbortSignal): AsyncGenerator<LoggedEvent, void, void> {
    const { sql, values } = toCondition(filter);
    let position = after;
    while (!signal.aborted && position < last) {
      const page = this.#query(`position > ? AND position <= ?${sql} ORDER BY position LIMIT ${PAGE}`, [position, last, ...values]);
      for (const logged of page) {
        if (signal.aborted) return;
        yield logged;
      }
      position = page.length < PAGE ? last : (page.at(-1)?.position ?? last);
    }
  }

  /** The position, or `undefined` when the run's terminal event is there already. */
  #store({ event, text }: Pending): number | undefined {
    const terminal = event.runId !== null && isTerminalEventType(event.type) ? 1 : 0;
    const { changes, lastInsertRowid } = this.#insert.run(
      event.operatorId,
      event.runId,
      event.type,
      terminal,
      this.#options.clock.now(),
      text,
    );
    return changes === 0 ? undefined : Number(lastInsertRowid);
  }

  #tell(position: number | undefined, event: OpenVibeEvent): void {
    if (position === undefined) return;
    for (const hear of this.#listeners) {
      try {
        hear({ position, event });
      } catch (error) {
        this.#options.logger.error({ error: messageOf(error), event_id: event.id }, "a listener of the event log threw");
      }
    }
  }

  #query(condition: string, values: readonly SQLInputValue[]): LoggedEvent[] {
    assertOpen(this.#options.closing);
    return guarded("events cannot be read", () => {
      this.flush();
      const statement =
        this.#reads.get(condition) ?? this.#options.database.prepare(`SELECT position, event FROM bus_events WHERE ${condition}`);
      this.#reads.set(condition, statement);
      return statement.all(...values).map(parseRow);
    });
  }

  #bounds(): LogBounds {
    assertOpen(this.#options.closing);
    return guarded("the event log's bounds cannot be read", () => {
      this.flush();
      const { database } = this.#options;
      const first = database.prepare("SELECT min(position) AS first FROM bus_events").get()?.first;
      const last = Number(database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'bus_events'").get()?.seq ?? 0);
      return { first: typeof first === "number" ? first : last + 1, last };
    });
  }
}

function toCondition({ operatorId, runId, types }: EventFilter): { sql: string; values: readonly SQLInputValue[] } {
  return {
    sql: [
      operatorId === undefined ? "" : " AND operator_id = ?",
      runId === undefined ? "" : " AND run_id = ?",
      types === undefined ? "" : " AND type IN (SELECT value FROM json_each(?))",
    ].join(""),
    values: [operatorId, runId, types === undefined ? undefined : JSON.stringify(types)].filter((value) => value !== undefined),
  };
}

function parseRow(row: Record<string, unknown>): LoggedEvent {
  return { position: Number(row.position), event: JSON.parse(String(row.event)) as OpenVibeEvent };
}
