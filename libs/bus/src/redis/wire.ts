import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { type Logger, messageOf, OpenVibeError } from "@openvibe/core";
import { isLoginRefused, refusalOf, toBusError } from "./errors.ts";
import type { RedisAddress } from "./options.ts";
import type { Reply } from "./reply.ts";

export type Client = ReturnType<typeof newClient>;

const DIAL_MS = 3_000;
const PAUSE_MS = 250;
/** A dead peer is noticed after two of them without an answer, not in minutes. Longer than a blocking command blocks. */
const PING_EVERY_MS = 3_000;
const LONGEST_UNANSWERED = 2;
/** Said by a server that is no primary any more: the address may lead to another one. */
const NOT_PRIMARY = "READONLY";

export interface WireOptions {
  readonly address: RedisAddress;
  readonly name: string;
  readonly logger: Logger;
  /** 3,000 by default. */
  readonly pingEveryMs?: number;
  /** Makes a new connection ready for use. */
  readonly greet?: (client: Client) => Promise<void>;
}

/** One connection, made again whenever it is lost. The client's own reconnecting does not notice a peer that fell silent. */
export class Wire {
  readonly #options: WireOptions;
  readonly #listeners = new Set<() => void>();
  readonly #closed = new AbortController();
  #client: Client | undefined;
  #clientId: string | undefined;
  #wasConnected = false;
  #kept: Promise<void> | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** What the server calls this connection. */
  get clientId(): string | undefined {
    return this.#client === undefined ? undefined : this.#clientId;
  }

  /** Connects once. @throws what the client throws */
  async open(): Promise<void> {
    this.#keep(await this.#dial());
  }

  /** Begins to connect, for as long as it takes. */
  start(): void {
    this.#keep(undefined);
  }

  /** Calls `hear` whenever the connection is lost or back. Gives how to stop that. */
  onChange(hear: () => void): () => void {
    const listener = () => hear();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sent when called, so calls keep their order. @throws OpenVibeError OV_BUS_UNAVAILABLE without a connection, and what the client throws */
  async call(args: readonly string[]): Promise<Reply> {
    if (this.#client === undefined) throw lost();
    try {
      return await this.#client.sendCommand<Reply>(args);
    } catch (error) {
      if (refusalOf(error) === NOT_PRIMARY) this.drop();
      throw error;
    }
  }

  /** The client of this moment, for what `call` cannot say. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  get client(): Client {
    if (this.#client === undefined) throw lost();
    return this.#client;
  }

  /** Ends this connection; another is made. What waits for an answer gets none. */
  drop(): void {
    this.#client?.destroy();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.drop();
    await this.#kept;
  }

  #keep(first: Client | undefined): void {
    this.#kept = this.#run(first);
  }

  async #run(first: Client | undefined): Promise<void> {
    let client = first;
    while (!this.#closed.signal.aborted) {
      client ??= await this.#dialAgain();
      // It may have been closed while it was dialled.
      if (client !== undefined && !this.#closed.signal.aborted) await this.#use(client);
      client?.destroy();
      client = undefined;
    }
  }

  /** Resolves when that connection is lost. */
  async #use(client: Client): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const event of ["end", "terminated"] as const) client.once(event, () => resolve());
    if (!client.isReady) return; // lost already
    this.#tell(client);
    const watching = this.#watch(client);
    await promise;
    clearInterval(watching);
    this.#tell(undefined);
  }

  #watch(client: Client): NodeJS.Timeout {
    let unanswered = 0;
    return setInterval(() => {
      if (unanswered++ >= LONGEST_UNANSWERED) return client.destroy();
      const answered = () => {
        unanswered = 0;
      };
      // An error is an answer as well; a lost connection is told by its end.
      client.sendCommand(["PING"]).then(answered, answered);
    }, this.#options.pingEveryMs ?? PING_EVERY_MS).unref();
  }

  #tell(client: Client | undefined): void {
    this.#client = client;
    const { name, logger, address } = this.#options;
    // That it begins and ends by our will is no news.
    if (this.#wasConnected && !this.#closed.signal.aborted)
      logger.info({ server: address.host, connection: name, connected: this.connected }, "the connection to Redis changed");
    this.#wasConnected = true;
    for (const hear of [...this.#listeners]) hear();
  }

  async #dialAgain(): Promise<Client | undefined> {
    try {
      return await this.#dial();
    } catch (error) {
      this.#options.logger.debug({ error: messageOf(error) }, "Redis cannot be reached");
      await sleep(PAUSE_MS * (1 + Math.random()), undefined, { signal: this.#closed.signal }).catch(() => undefined);
      return undefined;
    }
  }

  async #dial(): Promise<Client> {
    const client = newClient(this.#options);
    client.on("error", () => {}); // told by what is rejected, and by its end
    try {
      // A peer that takes the connection and then says nothing is none.
      await within(DIAL_MS, client.connect());
      this.#clientId = String(await within(DIAL_MS, client.sendCommand(["CLIENT", "ID"])));
      await within(DIAL_MS, this.#options.greet?.(client) ?? Promise.resolve());
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }
}

/** Connects, trying again until `timeoutMs` have passed. @throws OpenVibeError OV_BUS_UNAVAILABLE, and what `greet` means */
export async function openWire(options: WireOptions, timeoutMs: number): Promise<Wire> {
  const deadline = Date.now() + timeoutMs;
  const where = `Redis at ${options.address.host}`;
  for (;;) {
    const wire = new Wire(options);
    try {
      await wire.open();
      return wire;
    } catch (cause) {
      if (isLoginRefused(cause)) throw toBusError(`${where} refuses the login; check user and password in REDIS_URL`, cause);
      if (cause instanceof OpenVibeError && cause.code === "OV_BUS_CONFIG") throw cause;
      if (Date.now() + PAUSE_MS >= deadline) throw toBusError(`no connection to ${where} within ${timeoutMs} ms`, cause);
      await sleep(PAUSE_MS);
    }
  }
}

function newClient({ address, name }: WireOptions) {
  return createClient({
    url: address.url,
    name: name.replaceAll(" ", "-"),
    RESP: 2,
    socket: { connectTimeout: DIAL_MS, reconnectStrategy: false },
    maintNotifications: "disabled",
    disableOfflineQueue: true,
    // A timer for each command costs more than the command; what waits for an answer has bounds of its own.
    commandOptions: { timeout: 0 },
  });
}

function lost(): OpenVibeError {
  return new OpenVibeError("OV_BUS_UNAVAILABLE", "the connection to Redis is lost");
}

/** @throws OpenVibeError OV_BUS_UNAVAILABLE when `work` takes longer than `ms` */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new OpenVibeError("OV_BUS_UNAVAILABLE", `Redis did not answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
