import { setTimeout as sleep } from "node:timers/promises";
import type { EventFilter, EventLog, LogBounds, LoggedEvent } from "@openvibe/bus";
import { OpenVibeError, type OpenVibeEvent, type RunId } from "@openvibe/core";

/** A real log whose notices get lost, or which is exchanged for another one while it is in use: a fault injector, thin on purpose. */
export class FaultyLog implements EventLog {
  /** Exchanging it is what a lost and re-created log looks like to whoever uses it. */
  current: EventLog;
  /** Loses every n-th notice; 0 loses none. */
  loseEvery = 0;
  isDown = false;
  /** A read's end is fixed at once, its events come so much later. */
  readDelayMs = 0;
  /** Called when a read has begun, before its first event. */
  onRead: (() => void) | undefined;
  /** Called when a read has ended, by itself or by its reader. */
  onReadEnd: (() => void) | undefined;
  reads = 0;
  lost = 0;
  #heard = 0;
  readonly #ears = new Set<(logged: LoggedEvent) => void>();

  constructor(current: EventLog) {
    this.current = current;
  }

  append(event: OpenVibeEvent): Promise<"stored" | "already_there"> {
    return this.current.append(event);
  }

  async lastOf(runId: RunId): Promise<LoggedEvent | undefined> {
    this.#assertUp();
    return this.current.lastOf(runId);
  }

  async at(position: number): Promise<LoggedEvent | undefined> {
    this.#assertUp();
    return this.current.at(position);
  }

  async bounds(): Promise<LogBounds> {
    this.#assertUp();
    return this.current.bounds();
  }

  async *read(after: number, filter: EventFilter, signal: AbortSignal): AsyncGenerator<LoggedEvent, void, void> {
    this.#assertUp();
    const events = this.current.read(after, filter, signal);
    this.reads++;
    this.onRead?.();
    if (this.readDelayMs > 0) await sleep(this.readDelayMs);
    try {
      yield* events;
    } finally {
      this.onReadEnd?.();
    }
  }

  async listen(hear: (logged: LoggedEvent) => void): Promise<Disposable> {
    this.#ears.add(hear);
    const ear = await this.current.listen(this.#hear);
    return {
      [Symbol.dispose]: () => {
        this.#ears.delete(hear);
        ear[Symbol.dispose]();
      },
    };
  }

  /** The log is gone; what listened hears the new one. */
  async exchange(log: EventLog): Promise<void> {
    this.current = log;
    await log.listen(this.#hear);
  }

  readonly #hear = (logged: LoggedEvent): void => {
    if (this.loseEvery > 0 && ++this.#heard % this.loseEvery === 0) this.lost++;
    else for (const hear of this.#ears) hear(logged);
  };

  #assertUp(): void {
    if (this.isDown) throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the bus does not answer (injected)");
  }
}
