import { type OpenVibeEvent, type RunId, splitData } from "@openvibe/core";
import type { Bus } from "./bus.ts";
import type { EventLog } from "./event-log.ts";

/** Where data is kept that an event only refers to. */
export interface DataKeeper {
  put(address: { readonly operatorId: string; readonly runId: RunId; readonly sequence: number }, data: string): Promise<void>;
}

/** The same bus; large data of its events is handed to `keeper` before the event is stored, so that every message stays small whatever it tells of. */
export function withDatarefs(bus: Bus, keeper: DataKeeper): Bus {
  return { ...bus, log: new LogWithDatarefs(bus.log, keeper), [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

class LogWithDatarefs implements EventLog {
  readonly #log: EventLog;
  readonly #keeper: DataKeeper;
  /** Runs with data on its way to the keeper: what follows waits, so that the order stays; where it fails, what follows fails with it. */
  readonly #keeping = new Map<RunId, Promise<void>>();

  constructor(log: EventLog, keeper: DataKeeper) {
    this.#log = log;
    this.#keeper = keeper;
  }

  append(whole: OpenVibeEvent): Promise<"stored" | "already_there"> {
    const { event, kept } = splitData(whole);
    const { operatorId, runId, sequence } = event;
    const before = runId === null ? undefined : this.#keeping.get(runId);
    if (runId === null || operatorId === null || sequence === null || (kept === undefined && before === undefined))
      return this.#log.append(event);
    const keep = () => (kept === undefined ? undefined : this.#keeper.put({ operatorId, runId, sequence }, kept));
    const ready = (before ?? Promise.resolve()).then(keep);
    this.#keeping.set(runId, ready);
    const appended = ready.then(() => this.#log.append(event));
    const forget = () => {
      if (this.#keeping.get(runId) === ready) this.#keeping.delete(runId);
    };
    ready.then(forget, forget); // after the append above was made: who comes then comes behind it
    return appended;
  }

  lastOf(...args: Parameters<EventLog["lastOf"]>) {
    return this.#log.lastOf(...args);
  }

  at(...args: Parameters<EventLog["at"]>) {
    return this.#log.at(...args);
  }

  bounds() {
    return this.#log.bounds();
  }

  read(...args: Parameters<EventLog["read"]>) {
    return this.#log.read(...args);
  }

  listen(...args: Parameters<EventLog["listen"]>) {
    return this.#log.listen(...args);
  }
}
