/** Changes of shared context in, events and runs out: derived from the buckets themselves, so that it does not matter who writes (DESIGN §6). */
import type { BucketChange, BucketPlace, Bus } from "@openvibe/bus";
import {
  type Clock,
  CONTEXT_EVENT_TYPES,
  type ContextChange,
  findContextEventId,
  isOpenVibeError,
  newInstanceId,
  toIso,
} from "@openvibe/core";
import { pause } from "@openvibe/runtime";
import type { Store } from "@openvibe/store";
import { isLogLost, type Place, placeAt } from "../log-loss.ts";
import { LOG_START } from "../position/position-form.ts";
import { Turn } from "../position/turn.ts";
import { type TellDeps, tellChange } from "./tell-change.ts";
import { TOLD_FORM, type Told } from "./told.ts";

export interface ContextTellerOptions extends Omit<TellDeps, "told"> {
  readonly bus: Pick<Bus, "log" | "buckets" | "signals">;
  readonly store: Pick<Store, "runs" | "heldEvents" | "manifests" | "settings" | "exclusive">;
  readonly clock: Clock;
  /** How often new buckets are looked for, and the mark is moved; default 1,000 ms. */
  readonly lookEveryMs?: number;
  /** How long another relay's mark may stand still; default 6,000 ms. */
  readonly takeOverMs?: number;
}

export interface ContextTeller extends AsyncDisposable {
  start(): void;
}

/** Any number of replicas may run; one at a time is at it. */
export function createContextTeller(options: ContextTellerOptions): ContextTeller {
  return new Teller(options);
}

const BUCKETS = "context-";
const BATCH = 64;
const MAX_PENDING = 512;

/** From when this process tells changes until it stops or another one does. */
interface Term {
  readonly stop: AbortController;
  readonly buckets: Record<string, BucketPlace>;
  readonly watching: Map<string, Promise<void>>;
  /** Events that lie in the log behind `end`, though their buckets are not told as far. */
  readonly told: Set<string>;
  end: Place;
  pending: ContextChange[];
  more: PromiseWithResolvers<void>;
  done: PromiseWithResolvers<void>;
  telling: Promise<void>;
  /** Whether the store says how far was told. */
  isSaved: boolean;
  /** Whether nothing is half told. */
  isEven: boolean;
}

class Teller implements ContextTeller {
  readonly #options: ContextTellerOptions;
  readonly #turn: Turn<Told>;
  readonly #stop = new AbortController();
  #term: Term | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ContextTellerOptions) {
    this.#options = options;
    const { store, takeOverMs = 6_000 } = options;
    const me = newInstanceId("context");
    this.#turn = new Turn({ settings: store.settings, form: TOLD_FORM, me, takeOverMs: store.exclusive ? 0 : takeOverMs });
  }

  start(): void {
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { logger, lookEveryMs = 1_000 } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#look().catch((err: unknown) => logger.debug({ err }, "changes of shared context are looked for again in a second"));
      await pause(lookEveryMs, signal);
    }
    const term = this.#term;
    await this.#endTerm();
    // Otherwise it stands still, and another one takes over a little later.
    if (term?.isEven === true)
      await this.#toldOf(term)
        .then((told) => this.#turn.leave(told))
        .catch(() => {});
  }

  async #look(): Promise<void> {
    const { bus, store } = this.#options;
    const told = await this.#turn.take();
    if (told === undefined || this.#term?.stop.signal.aborted === true) await this.#endTerm();
    if (told === undefined) return;
    this.#term ??= await this.#beginTerm(told);
    const term = this.#term;
    for (const name of await bus.buckets.names(BUCKETS)) {
      if (term.watching.has(name)) continue;
      const watching = this.#watch(term, name).finally(() => term.watching.delete(name));
      term.watching.set(name, watching);
    }
    // A beat for the others, where there can be any.
    if (!store.exclusive) term.isSaved = false;
    term.more.resolve();
  }

  async #beginTerm({ buckets, ...saved }: Told): Promise<Term> {
    const { log } = this.#options.bus;
    const { signal } = this.#stop;
    const told = new Set<string>();
    const types = Object.values(CONTEXT_EVENT_TYPES);
    // A log that was made anew holds what was told since anywhere.
    const end = (await isLogLost(log, saved, signal)) ? LOG_START : saved;
    for await (const { event } of log.read(end.position, { types }, signal)) if (isStillToMeet(event.id, buckets)) told.add(event.id);
    const term: Term = {
      stop: new AbortController(),
      buckets: { ...buckets },
      watching: new Map(),
      told,
      end,
      pending: [],
      more: Promise.withResolvers(),
      done: Promise.withResolvers(),
      telling: Promise.resolve(),
      isSaved: true,
      isEven: true,
    };
    term.telling = this.#tell(term);
    return term;
  }

  async #endTerm(): Promise<void> {
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    term.stop.abort();
    term.more.resolve();
    term.done.resolve();
    await Promise.allSettled([term.telling, ...term.watching.values()]);
  }

  /** Ends with the term, or when the bus cannot give more: then it is begun again where it ended. */
  async #watch(term: Term, name: string): Promise<void> {
    const { bus, clock, logger } = this.#options;
    const { signal } = term.stop;
    try {
      for await (const change of bus.buckets.bucket(name).watch(signal, term.buckets[name] ?? { revision: 0 })) {
        if (signal.aborted) return;
        term.pending.push(toContextChange(name, change, clock));
        term.more.resolve();
        while (term.pending.length >= MAX_PENDING && !signal.aborted) await term.done.promise;
      }
    } catch (err) {
      logger.warn({ bucket: name, err }, "changes of shared context cannot be read now; it is tried again");
    }
    // Those that were read are told before the watch begins anew behind them.
    while (term.pending.some(({ bucket }) => bucket === name) && !signal.aborted) await term.done.promise;
  }

  /** In the order in which they were read, some at a time. The mark is moved in between, when nothing is half told. */
  async #tell(term: Term): Promise<void> {
    const { logger, lookEveryMs = 1_000 } = this.#options;
    const { signal } = term.stop;
    let quiet = false;
    while (!signal.aborted) {
      try {
        if (term.pending.length > 0) await this.#tellSome(term);
        await this.#save(term);
        quiet = false;
      } catch (err) {
        const outage = isOpenVibeError(err, "OV_STORE_UNAVAILABLE", "OV_BUS_UNAVAILABLE", "OV_BUS_FULL");
        if (!outage || !quiet) logger.warn({ err }, "changes of shared context cannot be told now; it is tried again in a second");
        quiet = outage;
        await pause(lookEveryMs, signal);
      }
      term.done.resolve();
      term.done = Promise.withResolvers();
      if (term.pending.length > 0) continue;
      await term.more.promise;
      term.more = Promise.withResolvers();
    }
  }

  async #tellSome(term: Term): Promise<void> {
    const batch = term.pending.slice(0, BATCH);
    // After the changes were read: who registered before one of them is known.
    const operators = await this.#options.store.manifests.list();
    const deps = { ...this.#options, told: term.told };
    term.isEven = false;
    const left = await Promise.all(batch.map((change) => tellChange(deps, change, operators)));
    for (const next of left.flat()) await next();
    for (const { bucket, epoch, revision } of batch) term.buckets[bucket] = { epoch, revision };
    const met = new Set(batch.map(({ bucket }) => bucket));
    for (const id of term.told) if (isMet(id, met, term.buckets)) term.told.delete(id);
    term.pending = term.pending.slice(batch.length);
    term.isEven = true;
    term.isSaved = false;
  }

  async #save(term: Term): Promise<void> {
    if (term.isSaved || !term.isEven || !this.#turn.isSaveDue) return;
    if (!(await this.#turn.save(await this.#toldOf(term)))) term.stop.abort();
    term.isSaved = true;
  }

  /** While a predecessor's events are still to be met in the buckets, a successor has to find them as well. */
  async #toldOf(term: Term): Promise<Told> {
    const { buckets, told } = term;
    const { log } = this.#options.bus;
    if (told.size === 0) term.end = await placeAt(log, (await log.bounds()).last);
    return { ...term.end, buckets: { ...buckets } };
  }
}

type Places = Readonly<Record<string, BucketPlace>>;

/** Whether the bucket may come to the change of that event: what is known may be of a bucket that was lost since. */
function isStillToMeet(id: string, places: Places): boolean {
  const change = findContextEventId(id);
  if (change === undefined) return false;
  const known = places[change.bucket];
  return known?.epoch !== change.epoch || known.revision < change.revision;
}

/** Whether the change of that event lies behind what was read just now: of a bucket that was lost nothing comes any more. */
function isMet(id: string, read: ReadonlySet<string>, places: Places): boolean {
  const change = findContextEventId(id);
  if (change === undefined || !read.has(change.bucket)) return false;
  const now = places[change.bucket];
  return now?.epoch !== change.epoch || now.revision >= change.revision;
}

function toContextChange(bucket: string, change: BucketChange, clock: Clock): ContextChange {
  const { writtenBy, epoch } = change;
  const writer = writtenBy === undefined ? {} : { writtenBy };
  if (change.kind === "delete")
    return { kind: "delete", bucket, epoch, key: change.key, revision: change.revision, time: toIso(clock.now()), ...writer };
  const { key, value, revision, updatedAt } = change.entry;
  return { kind: "put", bucket, epoch, key, revision, value, time: toIso(updatedAt), ...writer };
}
