import { type Logger, messageOf, OpenVibeError, Slab, silentLogger } from "@openvibe/core";
import type { Connection } from "../connection.ts";
import { Ear } from "./ear.ts";
import { refusalOf } from "./errors.ts";
import { greet } from "./greet.ts";
import { Keys } from "./keys.ts";
import { parseRedisUrl, type RedisBusOptions } from "./options.ts";
import type { Reply } from "./reply.ts";
import type { Script } from "./script.ts";
import { openWire, Wire, type WireOptions, within } from "./wire.ts";

const DRAIN_MS = 5_000;
const NO_SCRIPT = "NOSCRIPT";

/** The connections of a bus and what their users share: whether they stand, what is under way, how they end. */
export class Link implements Connection, AsyncDisposable {
  readonly keys: Keys;
  readonly logger: Logger;
  readonly patienceMs: number;
  /** Aborts when the bus is disposed. */
  readonly closing: AbortSignal;
  readonly ear: Ear;
  readonly #wire: Wire;
  readonly #options: WireOptions;
  readonly #closed = new AbortController();
  readonly #underWay = new Slab<Promise<unknown>>();
  #soon: (() => void)[] = [];
  #ending: Promise<void> | undefined;

  constructor(
    { wire, ear, options }: { wire: Wire; ear: Ear; options: WireOptions },
    { namespace = "openvibe", patienceMs = 10_000 }: Pick<RedisBusOptions, "namespace" | "patienceMs">,
  ) {
    this.#wire = wire;
    this.#options = options;
    this.ear = ear;
    this.keys = new Keys(namespace);
    this.logger = options.logger;
    this.patienceMs = patienceMs;
    this.closing = this.#closed.signal;
  }

  get connected(): boolean {
    return this.#wire.connected;
  }

  get closed(): boolean {
    return this.closing.aborted;
  }

  onChange(hear: () => void): () => void {
    return this.#wire.onChange(hear);
  }

  soon(say: () => void): void {
    if (this.#soon.push(say) === 1) setImmediate(() => this.#sayAll());
  }

  assertOpen(): void {
    if (this.closed) throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the bus is closed");
  }

  /** Sent when called, so calls keep their order. Disposing waits for the answer. @throws OpenVibeError OV_BUS_UNAVAILABLE, and what the client throws */
  call(...args: readonly string[]): Promise<Reply> {
    return this.track(this.#wire.call(args));
  }

  /** A script, by its name: every connection has given it to the server. @throws as `call` */
  async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    try {
      return await this.runInOrder(script, keys, args);
    } catch (error) {
      if (refusalOf(error) !== NO_SCRIPT) throw error;
      return await this.runInOrder(script, keys, args);
    }
  }

  /** The same, for what must not be overtaken by what was said later: who called sees to it that it goes again. @throws as `call` */
  async runInOrder(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    try {
      return await this.call("EVALSHA", script.sha, String(keys.length), ...keys, ...args.map(String));
    } catch (error) {
      // Somebody made the server forget its scripts.
      if (refusalOf(error) === NO_SCRIPT) await this.call("SCRIPT", "LOAD", script.text);
      throw error;
    }
  }

  /** For what nobody waits for. */
  tell(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.logger.debug({ what, error: messageOf(error) }, "not told to Redis"));
  }

  ask<T>(work: Promise<T>): Promise<T> {
    return this.track(work);
  }

  /** Disposing waits for it, within bounds. */
  track<T>(work: Promise<T>): Promise<T> {
    const slot = this.#underWay.add(work);
    const done = () => this.#underWay.delete(slot);
    work.then(done, done);
    return work;
  }

  /** A connection of its own, for commands that block. */
  newWire(name: string): Wire {
    return new Wire({ ...this.#options, name: `${this.#options.name}:${name}` });
  }

  /** Sends what was said, ends what is listened to, closes. Bounded: a server that is gone holds nobody up. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  #sayAll(): void {
    const sayings = this.#soon;
    this.#soon = [];
    for (const say of sayings) say();
  }

  async #end(): Promise<void> {
    this.#sayAll();
    this.#closed.abort();
    const drained = async () => {
      while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    };
    await within(DRAIN_MS, drained()).catch((error: unknown) =>
      this.logger.warn({ error: messageOf(error) }, "the connection to Redis did not drain"),
    );
    await Promise.all([this.ear.close(), this.#wire.close()]);
  }
}

/** Connects, trying again until `connectTimeoutMs` have passed. @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_BUS_CONFIG, OV_CONFIG_INVALID */
export async function openLink(options: RedisBusOptions): Promise<Link> {
  const { url, name, logger = silentLogger, connectTimeoutMs = 10_000 } = options;
  const wireOptions = { address: parseRedisUrl(url), name, logger };
  const wire = await openWire({ ...wireOptions, greet }, connectTimeoutMs);
  try {
    const ear = await Ear.open({ ...wireOptions, name: `${name}:ear` }, connectTimeoutMs);
    return new Link({ wire, ear, options: wireOptions }, options);
  } catch (error) {
    await wire.close();
    throw error;
  }
}
