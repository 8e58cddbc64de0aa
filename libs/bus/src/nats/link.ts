import type { JetStreamManager } from "@nats-io/jetstream";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, createInbox, errors, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import { type Logger, messageOf, OpenVibeError, Slab, silentLogger } from "@openvibe/core";
import type { Connection } from "../connection.ts";
import { AnswerInbox } from "./answer-inbox.ts";
import { toBusError } from "./errors.ts";
import { type NatsBusOptions, toConnectionOptions } from "./options.ts";
import { persist } from "./persist.ts";

/** For all that is still said when the bus is disposed of. */
const DRAIN_MS = 5_000;
const CLOSE_MS = 1_000;
/** For what is on its way to a subscription that ends. */
const LAST_MESSAGES_MS = 2_000;
/** A JetStream that answers does so within this; one that chooses a leader says nothing, and is asked again. The client's own is 5 s. */
const ANSWER_MS = 2_000;

/** One connection and what its users share: whether it stands, what is under way, how it ends. */
export class Link implements Connection, AsyncDisposable {
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly logger: Logger;
  readonly patienceMs: number;
  readonly answers: AnswerInbox;
  /** Aborts when the bus is disposed. */
  readonly closing: AbortSignal;
  readonly #closed = new AbortController();
  readonly #underWay = new Slab<Promise<unknown>>();
  readonly #listeners = new Set<() => void>();
  readonly #askers = new Slab<() => void>();
  readonly #inboxPrefix: string | undefined;
  #soon: (() => void)[] = [];
  #connected = true;
  #ending: Promise<void> | undefined;

  constructor(nc: NatsConnection, jsm: JetStreamManager, { logger = silentLogger, patienceMs = 10_000, inboxPrefix }: NatsBusOptions) {
    this.nc = nc;
    this.jsm = jsm;
    this.logger = logger;
    this.patienceMs = patienceMs;
    this.closing = this.#closed.signal;
    this.#inboxPrefix = inboxPrefix;
    this.answers = new AnswerInbox(this);
    void this.#watch();
  }

  /** Whether the connection stands, as far as is known. */
  get connected(): boolean {
    return this.#connected && !this.nc.isClosed();
  }

  get closed(): boolean {
    return this.closing.aborted || this.nc.isClosed();
  }

  /** Calls `hear` whenever the connection is lost or back. Gives how to stop that. */
  onChange(hear: () => void): () => void {
    const listener = () => hear();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Calls `say` in this turn of the event loop, after what else happens in it: all that is published then leaves in one write to the socket.
   * In the order of the calls.
   */
  soon(say: () => void): void {
    if (this.#soon.push(say) === 1) setImmediate(() => this.#sayAll());
  }

  #sayAll(): void {
    const sayings = this.#soon;
    this.#soon = [];
    for (const say of sayings) say();
  }

  newInbox(): string {
    return createInbox(this.#inboxPrefix);
  }

  /** @throws OpenVibeError OV_BUS_UNAVAILABLE when the bus was disposed */
  assertOpen(): void {
    if (this.closed) throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the bus is closed");
  }

  /**
   * Waits for the broker's answer, no longer than the connection lasts it was asked on. Disposing waits for it as well.
   * @throws OpenVibeError OV_BUS_UNAVAILABLE, and what `work` throws
   */
  ask<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const lose = () => reject(new OpenVibeError("OV_BUS_UNAVAILABLE", "the connection to NATS was lost"));
    const slot = this.#askers.add(lose);
    // Not a race with one promise of the connection's: that would remember every loser for as long as it lasts.
    work.then(resolve, reject).finally(() => this.#askers.delete(slot));
    return this.track(promise);
  }

  /** Disposing waits for it, within bounds. */
  track<T>(work: Promise<T>): Promise<T> {
    const slot = this.#underWay.add(work);
    const done = () => this.#underWay.delete(slot);
    work.then(done, done);
    return work;
  }

  /** Resolves when the server knows of the subscription; else ends it. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  async settle(subscription: Subscription): Promise<Subscription> {
    try {
      await persist(this, `listening to ${subscription.getSubject()} failed`, () => within(this.patienceMs, this.nc.flush()));
      return subscription;
    } catch (error) {
      subscription.unsubscribe();
      throw error;
    }
  }

  /** Ends a subscription once what is on its way to it has come. Bounded: the client itself would wait for a broker that says nothing for ever. */
  async finish(subscription: Subscription): Promise<void> {
    await within(LAST_MESSAGES_MS, subscription.drain()).catch(() => subscription.unsubscribe());
  }

  /** Sends what was said, ends every subscription, closes. Bounded: a broker that is gone holds nobody up. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#sayAll();
    this.#closed.abort();
    if (this.nc.isClosed()) return;
    try {
      if (this.#connected) await within(DRAIN_MS, this.#drain());
    } catch (error) {
      this.logger.warn({ error: messageOf(error) }, "the connection to NATS did not drain");
    }
    // Closing has been seen to hang as well.
    await within(CLOSE_MS, this.nc.close()).catch(() => undefined);
  }

  /** First what waits for an answer: draining ends the subscription that answers come in by. */
  async #drain(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    if (this.#connected) await this.nc.drain();
  }

  async #watch(): Promise<void> {
    for await (const status of this.nc.status()) {
      if (status.type === "disconnect" || status.type === "reconnect") {
        this.#connected = status.type === "reconnect";
        this.logger.info({ server: status.server, connected: this.#connected }, "the connection to NATS changed");
        if (!this.#connected) for (const lose of this.#askers) lose();
        for (const hear of [...this.#listeners]) hear();
      } else if (status.type === "error") {
        this.logger.warn({ error: status.error.message }, "NATS reported an error");
        const { error } = status;
        if (error instanceof errors.PermissionViolationError && error.operation === "publish") this.answers.refuse(error.subject, error);
      }
    }
    this.#connected = false;
    for (const lose of this.#askers) lose();
    this.answers.loseAll();
  }
}

/** Connects, trying again until `connectTimeoutMs` have passed. @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_CONFIG_INVALID */
export async function openLink(options: NatsBusOptions): Promise<Link> {
  const { connectTimeoutMs = 10_000 } = options;
  const deadline = Date.now() + connectTimeoutMs;
  for (;;) {
    const connectionOptions = toConnectionOptions(options);
    try {
      const nc = await connect(connectionOptions);
      return new Link(nc, await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS }), options);
    } catch (cause) {
      const where = `NATS at ${String(connectionOptions.servers)}`;
      if (cause instanceof Error && cause.name === "AuthorizationError")
        throw toBusError(`${where} refuses the login; check user and password, or token, in NATS_URL`, cause);
      if (Date.now() + 250 >= deadline) throw toBusError(`no connection to ${where} within ${connectTimeoutMs} ms`, cause);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** @throws OpenVibeError OV_BUS_UNAVAILABLE when `work` takes longer than `ms` */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new OpenVibeError("OV_BUS_UNAVAILABLE", `NATS did not answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
