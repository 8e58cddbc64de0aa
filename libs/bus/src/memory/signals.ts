import type { DatabaseSync } from "node:sqlite";
import {
  ANY,
  type Clock,
  type ControlVerb,
  type JsonObject,
  type LiveEvent,
  type Logger,
  messageOf,
  type OperatorId,
  type RunId,
} from "@openvibe/core";
import type { ControlSignal, Signals } from "../signals.ts";
import { guarded } from "./database.ts";
import { assertOpen } from "./open.ts";

export interface MemorySignalsOptions {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

/** Signals within the process; dead letters are rows. */
export class MemorySignals implements Signals {
  readonly #options: MemorySignalsOptions;
  readonly #controls: Listeners<ControlSignal>;
  readonly #lives: Listeners<LiveEvent>;

  constructor(options: MemorySignalsOptions) {
    this.#options = options;
    this.#controls = new Listeners(options);
    this.#lives = new Listeners(options);
  }

  control(signal: ControlSignal): void {
    this.#controls.tell(signal.verb, signal, signal);
  }

  async onControl(
    filter: { readonly operatorId?: OperatorId; readonly verb: ControlVerb; readonly runId?: RunId },
    hear: (signal: ControlSignal) => void,
  ): Promise<Disposable> {
    return this.#controls.add(filter.verb, filter, hear);
  }

  live(event: LiveEvent): void {
    this.#lives.tell("live", event, event);
  }

  async onLive(
    filter: { readonly operatorId?: OperatorId; readonly runId?: RunId },
    hear: (event: LiveEvent) => void,
  ): Promise<Disposable> {
    return this.#lives.add("live", filter, hear);
  }

  /** Nobody outside this process could hear it. */
  heartbeat(_operatorId: OperatorId, _body: JsonObject): void {}

  async deadLetter({ operatorId, reason, body }: Parameters<Signals["deadLetter"]>[0]): Promise<void> {
    const { database, clock, logger } = this.#options;
    logger.warn({ operator_id: operatorId, reason, letter: body }, "dead letter");
    try {
      const sql = "INSERT INTO bus_dead_letters (operator_id, reason, stored_at, body) VALUES (?, ?, ?, ?)";
      guarded("the dead letter cannot be stored", () => database.prepare(sql).run(operatorId, reason, clock.now(), JSON.stringify(body)));
    } catch (error) {
      logger.error({ operator_id: operatorId, reason, error: messageOf(error) }, "dead letter is lost");
    }
  }
}

interface Address {
  readonly operatorId?: OperatorId;
  readonly runId?: RunId;
}

/** Listeners by what they listen to, so that a signal looks at those it concerns only, however many wait for other runs. */
class Listeners<T> {
  readonly #options: MemorySignalsOptions;
  readonly #byAddress = new Map<string, Set<(signal: T) => void>>();

  constructor(options: MemorySignalsOptions) {
    this.#options = options;
  }

  add(kind: string, { operatorId = ANY, runId = ANY }: Address, hear: (signal: T) => void): Disposable {
    assertOpen(this.#options.closing);
    const address = `${kind}.${operatorId}.${runId}`;
    const set = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, set);
    const listener = (signal: T) => hear(signal);
    set.add(listener);
    return {
      [Symbol.dispose]: () => {
        set.delete(listener);
        if (set.size === 0 && this.#byAddress.get(address) === set) this.#byAddress.delete(address);
      },
    };
  }

  /** In a turn of its own, as over a wire: who signals is not run over by who hears. */
  tell(kind: string, { operatorId, runId }: Required<Address>, signal: T): void {
    if (this.#byAddress.size === 0 || this.#options.closing.aborted) return;
    for (const operator of [operatorId, ANY])
      for (const run of [runId, ANY])
        for (const hear of this.#byAddress.get(`${kind}.${operator}.${run}`) ?? []) queueMicrotask(() => this.#call(hear, signal));
  }

  #call(hear: (signal: T) => void, signal: T): void {
    try {
      hear(signal);
    } catch (error) {
      this.#options.logger.error({ error: messageOf(error) }, "a listener of a signal threw");
    }
  }
}
