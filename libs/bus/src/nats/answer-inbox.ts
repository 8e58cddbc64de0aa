import { errors, type Msg, type MsgHdrs } from "@nats-io/transport-node";
import { OpenVibeError, SlabMap } from "@openvibe/core";
import type { Link } from "./link.ts";

interface Waiting {
  readonly subject: string;
  readonly deadline: number;
  resolve(message: Msg): void;
  reject(error: unknown): void;
}

interface AskOptions {
  readonly timeoutMs: number;
  readonly headers?: MsgHdrs;
}

/** Overdue answers are looked for this often: exact times do not matter here. */
const LOOK_EVERY_MS = 100;
const NO_RESPONDERS = 503;

/**
 * Where answers come in, of streams to what is published and of those who are asked: one subscription for all of a connection. The client's own `request`
 * makes a timer, an error object and two promises for each message, which is a tenth of what a worker does.
 */
export class AnswerInbox {
  readonly #link: Link;
  readonly #prefix: string;
  readonly #waiting = new SlabMap<Waiting>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#prefix = link.newInbox();
    link.nc.subscribe(`${this.#prefix}.*`, { callback: (error, message) => this.#hear(error, message) });
    link.onChange(() => {
      if (!link.connected) this.loseAll();
    });
  }

  /** Publishes when called, so that calls keep their order. Rejects as the client's `request` does: no responders, timeout, lost connection. */
  ask(subject: string, body: Uint8Array | string, options: AskOptions): Promise<Msg> {
    const { token, promise } = this.#await(subject, options);
    this.#send(subject, body, token, options);
    return promise;
  }

  /** The same, in one write to the socket with all that is asked in this turn of the event loop. */
  askSoon(subject: string, body: Uint8Array | string, options: AskOptions): Promise<Msg> {
    const { token, promise } = this.#await(subject, options);
    this.#link.soon(() => this.#send(subject, body, token, options));
    return promise;
  }

  #await(subject: string, { timeoutMs }: AskOptions): { readonly token: string; readonly promise: Promise<Msg> } {
    const token = (this.#count++).toString(36);
    const { promise, resolve, reject } = Promise.withResolvers<Msg>();
    this.#waiting.set(token, { subject, deadline: Date.now() + timeoutMs, resolve, reject });
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    return { token, promise };
  }

  #send(subject: string, body: Uint8Array | string, token: string, { headers }: AskOptions): void {
    try {
      this.#link.nc.publish(subject, body, { reply: `${this.#prefix}.${token}`, ...(headers === undefined ? {} : { headers }) });
    } catch (error) {
      this.#waiting.get(token)?.reject(error);
      this.#waiting.delete(token);
    }
  }

  /** What was sent to the subject was not let through. */
  refuse(subject: string, error: Error): void {
    for (const [token, waiting] of this.#waiting.entries()) {
      if (waiting.subject !== subject) continue;
      this.#waiting.delete(token);
      waiting.reject(error);
    }
  }

  #hear(error: Error | null, message: Msg): void {
    if (error !== null) return;
    const token = message.subject.slice(this.#prefix.length + 1);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return; // it came too late
    this.#waiting.delete(token);
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS) waiting.reject(new errors.NoRespondersError(waiting.subject));
    else waiting.resolve(message);
  }

  #look(): void {
    const now = Date.now();
    for (const [token, { deadline, reject }] of this.#waiting.entries()) {
      if (now < deadline) continue;
      this.#waiting.delete(token);
      reject(new errors.TimeoutError());
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** No answer comes any more: the connection is gone. */
  loseAll(): void {
    for (const { reject } of this.#waiting.values()) reject(new OpenVibeError("OV_BUS_UNAVAILABLE", "the connection to NATS was lost"));
    this.#waiting.clear();
  }
}
