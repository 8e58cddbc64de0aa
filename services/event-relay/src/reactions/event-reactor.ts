/** Events in, runs out: starts what events trigger, and wakes who waited for them (DESIGN §6 rules 1, 2). */
import type { Bus } from "@openvibe/bus";
import { type Clock, isOpenVibeError, newInstanceId } from "@openvibe/core";
import { pause, wakeByEvent } from "@openvibe/runtime";
import type { Store } from "@openvibe/store";
import { isLogLost, type Place, placeAt } from "../log-loss.ts";
import { LOG_START, takenForm } from "../position/position-form.ts";
import { Turn } from "../position/turn.ts";
import { Interest } from "./interest.ts";
import { type PlacedEvent, type ReactDeps, react } from "./react.ts";
import { startHeld } from "./start-held.ts";

export interface EventReactorOptions extends Omit<ReactDeps, "store" | "signals"> {
  readonly bus: Pick<Bus, "log" | "queue" | "signals">;
  readonly store: Pick<Store, "runs" | "manifests" | "settings" | "children" | "eventData" | "eventWaits" | "heldEvents" | "exclusive">;
  readonly clock: Clock;
  /** Hears the types of events as they are stored, as a hint to look at once; the log's own listener by default. */
  readonly listen?: (hear: (type: string) => void) => Promise<Disposable>;
  /** How often the log is looked at without a hint; default 1,000 ms. */
  readonly lookEveryMs?: number;
  /** How long another relay's position may stand still although there is more; default 3,000 ms. */
  readonly takeOverMs?: number;
}

export interface EventReactor extends AsyncDisposable {
  /** @throws OpenVibeError OV_BUS_UNAVAILABLE */
  start(): Promise<void>;
  /** Looks at once; resolves when everything that the log holds by now was reacted to, where this replica is the one at work. */
  caughtUp(): Promise<void>;
}

export const REACTIONS = takenForm("event_reactions.position");

const BATCH = 64;
const WAKE_LIMIT = 500;

/** Any number of replicas may run; one at a time is at it. */
export function createEventReactor(options: EventReactorOptions): EventReactor {
  return new Reactor(options);
}

class Reactor implements EventReactor {
  readonly #options: EventReactorOptions;
  readonly #turn: Turn;
  readonly #stop = new AbortController();
  /** How far this process has come, while it is at work. */
  #place: Place | undefined;
  #saved: Place | undefined;
  #types: ReadonlySet<string> = new Set();
  #hint = Promise.withResolvers<void>();
  #ear: Disposable | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Who wants to know of the end of the next look. */
  #curious: (() => void)[] = [];

  constructor(options: EventReactorOptions) {
    this.#options = options;
    const { store, takeOverMs = 3_000 } = options;
    const me = newInstanceId("reactor");
    this.#turn = new Turn({ settings: store.settings, form: REACTIONS, me, takeOverMs: store.exclusive ? 0 : takeOverMs });
  }

  async start(): Promise<void> {
    const { bus, listen = (hear) => bus.log.listen(({ event }) => hear(event.type)) } = this.#options;
    this.#ear = await listen((type) => {
      if (this.#types.has(type)) this.#hint.resolve();
    });
    this.#running = this.#run();
  }

  caughtUp(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#curious.push(resolve);
    this.#hint.resolve();
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#hint.resolve();
    this.#ear?.[Symbol.dispose]();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { logger, lookEveryMs = 1_000 } = this.#options;
    const { signal } = this.#stop;
    let quiet = false;
    while (!signal.aborted) {
      this.#hint = Promise.withResolvers();
      try {
        const asked = this.#curious.length;
        await this.#look();
        for (const tell of this.#curious.splice(0, asked)) tell();
        quiet = false;
        await Promise.race([this.#hint.promise, pause(lookEveryMs, signal)]);
      } catch (err) {
        if (signal.aborted) break;
        const outage = isOpenVibeError(err, "OV_STORE_UNAVAILABLE", "OV_BUS_UNAVAILABLE", "OV_BUS_FULL");
        if (!outage || !quiet) logger.warn({ err }, "events cannot be reacted to now; it is tried again in a second");
        quiet = outage;
        await pause(lookEveryMs, signal);
      }
    }
    for (const tell of this.#curious) tell();
    if (this.#place !== undefined) await this.#turn.leave(this.#place).catch(() => {}); // then another one waits a little longer
  }

  async #look(): Promise<void> {
    const { bus, store, clock } = this.#options;
    const { last } = await bus.log.bounds();
    // After the log's end was read: who registered before an event was stored is known when it is read.
    const interest = new Interest(await store.manifests.list(), await store.eventWaits.findWaited());
    this.#types = new Set(interest.types);
    const stored = await this.#turn.take(({ position }) => position < last);
    if (stored === undefined) this.#place = undefined;
    else {
      if (this.#place === undefined) this.#saved = stored;
      await this.#goOn(this.#place ?? stored, last, interest);
    }
    await this.#save();
    await wakeByEvent({ store, bus, clock }, WAKE_LIMIT);
    await startHeld(this.#options);
  }

  async #goOn(from: Place, last: number, interest: Interest): Promise<void> {
    const { bus, logger } = this.#options;
    this.#place = from;
    if (await isLogLost(bus.log, from, this.#stop.signal)) {
      logger.warn({ position: from.position }, "event log was lost: what the new one holds is reacted to from its beginning");
      this.#place = LOG_START;
    } else if (from.position >= last) return;
    await this.#readTo(last, interest);
    if (this.#stop.signal.aborted) return;
    this.#place = await placeAt(bus.log, last);
  }

  /** In batches: what was reacted to is not read again by a successor. */
  async #readTo(last: number, interest: Interest): Promise<void> {
    const { bus } = this.#options;
    const { types } = interest;
    if (types.length === 0) return;
    let batch: PlacedEvent[] = [];
    for await (const { position, event } of bus.log.read(this.#place?.position ?? 0, { types }, this.#stop.signal)) {
      if (position > last) break; // somebody may have registered since, whom an event before this one concerns
      if (batch.push({ event, place: position }) < BATCH) continue;
      await this.#react(batch, interest);
      batch = [];
      this.#place = await placeAt(bus.log, position);
      await this.#save();
    }
    await this.#react(batch, interest);
  }

  async #react(batch: readonly PlacedEvent[], interest: Interest): Promise<void> {
    const { bus } = this.#options;
    const deps: ReactDeps = { ...this.#options, signals: bus.signals };
    const left = await Promise.all(batch.map((event) => react(deps, event, interest)));
    for (const next of left.flat()) await next();
  }

  async #save(): Promise<void> {
    if (this.#place === undefined || this.#place === this.#saved || !this.#turn.isSaveDue) return;
    this.#saved = this.#place;
    if (!(await this.#turn.save(this.#place))) this.#place = undefined;
  }
}
