import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import { encodeFrame } from "./frame.ts";

/** Why a stream ended: by us, by the client, because it fell too far behind, because it took nothing for too long, or by a socket error. */
export type SseEnd = "closed" | "client_gone" | "overflow" | "stalled" | "failed";

export interface SseWriterOptions {
  /** Headers besides the stream's own, such as those that hooks have set on the reply. */
  readonly headers?: Readonly<Record<string, OutgoingHttpHeader | undefined>>;
  /** What the client is told to wait before it connects again; default 2,000 ms. */
  readonly retryMs?: number;
  /** A cursor to begin with: a client that is cut before its first event then comes back to where it began. */
  readonly id?: string;
  /** Default 15,000 ms, what the HTML standard suggests for proxies. */
  readonly heartbeatEveryMs?: number;
  /** What a heartbeat says; a comment by default. */
  readonly heartbeat?: () => Buffer;
  /** A client that takes nothing for this long is dropped; default 15,000 ms. */
  readonly stalledAfterMs?: number;
  /** Default 1,000 frames. */
  readonly maxQueuedFrames?: number;
  /** Default 1 MiB. */
  readonly maxQueuedBytes?: number;
}

const COMMENT = encodeFrame({ comment: "" });
const BATCH_BYTES = 65_536;

/**
 * Writes one `text/event-stream` response. `send` never waits: what the socket does not take lies in a bounded queue, and when the bound or
 * the stall time is reached the connection is dropped, never an event: the client comes back with its `Last-Event-ID`.
 * The response must be out of its framework's hands (`reply.hijack()`).
 */
export class SseWriter implements AsyncDisposable {
  /** Resolves once, with the reason, when nothing can be sent any more. Never rejects. */
  readonly ended: Promise<SseEnd>;
  readonly #raw: ServerResponse;
  readonly #options: SseWriterOptions;
  readonly #stop = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #settle: (end: SseEnd) => void;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #blocked = false;
  #closing = false;
  #stall: NodeJS.Timeout | undefined;
  #waiters: (() => void)[] = [];

  constructor(raw: ServerResponse, options: SseWriterOptions = {}) {
    const { promise, resolve } = Promise.withResolvers<SseEnd>();
    this.ended = promise;
    this.#settle = resolve;
    this.#raw = raw;
    this.#options = options;
    raw.on("drain", this.#drained).on("close", this.#gone).on("error", this.#failed).on("finish", this.#finished);
    this.#heartbeat = setInterval(this.#beat, options.heartbeatEveryMs ?? 15_000).unref();
    if (raw.destroyed || raw.socket === null) this.#end("client_gone");
    else this.#begin();
  }

  get isOpen(): boolean {
    return !this.#closing && !this.#stop.signal.aborted;
  }

  /** Aborts when the stream ends, for what is done on its behalf. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether so much waits that a sender who can read again later should pause (half of a bound). */
  get isPressed(): boolean {
    return this.#queue.length * 2 > this.#maxFrames || this.#queuedBytes * 2 > this.#maxBytes;
  }

  /** Sends a frame in its turn; `false` when the stream has ended. */
  send(frame: Buffer): boolean {
    if (!this.isOpen) return false;
    if (!this.#blocked) {
      this.#write(frame);
      return true;
    }
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#queue.length > this.#maxFrames || this.#queuedBytes > this.#maxBytes) this.#drop("overflow");
    return this.isOpen;
  }

  /** Resolves when the socket has taken everything, or the stream has ended. */
  async whenTaken(): Promise<void> {
    if (this.#blocked && !this.signal.aborted) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /**
   * Sends what is queued, then when to come back (`retryMs`), and ends the response. A client that does not take it `withinMs` (the stall time by
   * default) is dropped. Closing twice is fine.
   */
  close({ retryMs, withinMs }: { readonly retryMs?: number; readonly withinMs?: number } = {}): Promise<SseEnd> {
    if (this.isOpen && retryMs !== undefined) this.send(encodeFrame({ retryMs }));
    if (this.isOpen) {
      this.#closing = true;
      this.#clearStall();
      this.#stall = this.#stallTimer(withinMs);
      if (!this.#blocked) this.#raw.end();
    }
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #maxFrames(): number {
    return this.#options.maxQueuedFrames ?? 1_000;
  }

  get #maxBytes(): number {
    return this.#options.maxQueuedBytes ?? 1_048_576;
  }

  #begin(): void {
    const { headers = {}, retryMs = 2_000, id } = this.#options;
    this.#raw.socket?.setTimeout(0);
    // A client that reconnects over a kept connection would meet a server that is shutting down, and a 503 ends an EventSource for good.
    this.#raw.shouldKeepAlive = false;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.#raw.setHeader(name, value);
    this.#raw.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
    this.#write(encodeFrame({ retryMs, ...(id === undefined ? {} : { id }) }));
  }

  #write(bytes: Buffer): void {
    if (this.#raw.write(bytes)) return;
    this.#blocked = true;
    this.#stall ??= this.#stallTimer();
  }

  readonly #drained = (): void => {
    this.#blocked = false;
    if (!this.#closing) this.#clearStall();
    while (!this.#blocked && this.#queue.length > 0) this.#write(this.#takeBatch());
    if (this.#blocked) return;
    if (this.#closing) this.#raw.end();
    this.#wakeWaiters();
  };

  #takeBatch(): Buffer {
    let count = 0;
    let bytes = 0;
    for (; count < this.#queue.length && bytes < BATCH_BYTES; count++) bytes += this.#queue[count]?.length ?? 0;
    this.#queuedBytes -= bytes;
    return Buffer.concat(this.#queue.splice(0, count), bytes);
  }

  readonly #beat = (): void => {
    // A client that does not even take events needs no heartbeat: the stall timer runs for it.
    if (this.isOpen && !this.#blocked) this.#write(this.#options.heartbeat?.() ?? COMMENT);
  };

  readonly #gone = (): void => this.#end("client_gone");
  readonly #failed = (): void => this.#drop("failed");
  readonly #finished = (): void => this.#end("closed");

  #stallTimer(ms = this.#options.stalledAfterMs ?? 15_000): NodeJS.Timeout {
    return setTimeout(() => this.#drop("stalled"), ms).unref();
  }

  #clearStall(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }

  #drop(reason: SseEnd): void {
    this.#end(reason);
    this.#raw.destroy();
  }

  #end(reason: SseEnd): void {
    if (this.#stop.signal.aborted) return;
    clearInterval(this.#heartbeat);
    this.#clearStall();
    // The error listener stays: a socket may still fail after its end, and nobody else listens.
    this.#raw.off("drain", this.#drained).off("close", this.#gone).off("finish", this.#finished);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#stop.abort(reason);
    this.#settle(reason);
    this.#wakeWaiters();
  }

  #wakeWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
