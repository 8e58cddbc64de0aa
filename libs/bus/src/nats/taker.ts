import type { Msg } from "@nats-io/transport-node";
import { type JsonValue, type OperatorId, parseActivationSubject, type WakeUp } from "@openvibe/core";
import { OV_ACTIVATIONS, operatorConsumerName } from "@openvibe/nats";
import { Fifo } from "../fifo.ts";
import type { Delivery, Slots } from "../work-queue.ts";
import { Patience } from "../patience.ts";
import { putBack, toDelivery } from "./delivery.ts";
import type { Link } from "./link.ts";
import { openPull, type Pull } from "./pull.ts";

const EXPIRES_MS = 4_000;
/** Bounds what waits out its ack_wait when the connection is lost while they arrive. */
const LARGEST_BATCH = 256;

export interface TakerOptions {
  readonly link: Link;
  readonly operatorId: OperatorId;
  readonly slots: Slots;
  readonly signal: AbortSignal;
  /** Makes the operator's consumer. */
  readonly prepare: () => Promise<void>;
  /** Says that a message is none of ours, and settles it. */
  readonly refuse: (message: Msg) => void;
}

/** One loop of `take`: keeps as many messages asked for as there are free slots, and yields them as they come. */
export class Taker {
  readonly #options: TakerOptions;
  readonly #arrived = new Fifo<Msg>();
  readonly #pulls = new Set<Pull>();
  readonly #patience: Patience;
  #wake: () => void = () => {};
  #lost = false;
  #closing: Promise<void> | undefined;

  constructor(options: TakerOptions) {
    this.#options = options;
    this.#patience = new Patience(options.link, Number.POSITIVE_INFINITY);
  }

  async *run(): AsyncGenerator<Delivery, void, void> {
    const { signal, link, slots } = this.#options;
    // At once, also while the caller is busy with what it was given.
    const close = () => void this.#close();
    const ends = [signal, link.closing];
    for (const end of ends) end.addEventListener("abort", close);
    if (ends.some((end) => end.aborted)) close();
    try {
      while (this.#closing === undefined && !link.nc.isClosed()) {
        const message = this.#arrived.shift();
        if (message === undefined) await this.#askForMore();
        else if (slots.free <= 0) putBack(message);
        else {
          const wakeUp = parseWakeUp(message);
          if (wakeUp === undefined) this.#options.refuse(message);
          else yield toDelivery(message, wakeUp);
        }
      }
    } finally {
      for (const end of ends) end.removeEventListener("abort", close);
      await this.#close();
    }
  }

  /** Returns when something changed. */
  async #askForMore(): Promise<void> {
    const { link, slots, signal, prepare } = this.#options;
    if (this.#lost || !link.connected) {
      this.#lost = false;
      await this.#patience.again(signal);
      // Idempotent, and the usual reason: nobody has made the consumer yet, or its stream was made anew.
      if (link.connected && this.#closing === undefined) await prepare().catch(() => this.#loseLater());
      return;
    }
    const asked = [...this.#pulls].reduce((sum, pull) => sum + pull.left, 0);
    if (slots.free <= 0 && asked === 0) return this.#untilFree();
    // Not for each slot that becomes free: half of them waiting at the server is enough to be given more at once.
    if (asked * 2 <= slots.free) this.#pull(Math.min(slots.free - asked, LARGEST_BATCH));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }

  #pull(batch: number): void {
    const { link, operatorId } = this.#options;
    if (batch <= 0) return;
    const pull = openPull(link, {
      stream: OV_ACTIVATIONS,
      consumer: operatorConsumerName(operatorId),
      batch,
      expiresMs: EXPIRES_MS,
      onMessage: (message) => {
        this.#patience.reset();
        if (this.#closing !== undefined) putBack(message);
        else this.#arrived.push(message);
        this.#wake();
      },
      onEnd: (end) => {
        this.#pulls.delete(pull);
        if (end === "lost") this.#lost = true;
        this.#wake();
      },
    });
    this.#pulls.add(pull);
  }

  async #untilFree(): Promise<void> {
    const { slots, signal, link } = this.#options;
    try {
      await slots.whenFree(AbortSignal.any([signal, link.closing]));
    } catch (error) {
      if (!signal.aborted && !link.closing.aborted) throw error;
    }
  }

  #loseLater(): void {
    this.#lost = true;
  }

  /** Ends the open pulls first, then puts back what was not yielded. */
  #close(): Promise<void> {
    this.#closing ??= this.#options.link.track(this.#end());
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#wake();
    const closing = [...this.#pulls].map((pull) => pull.close());
    for (const message of this.#arrived.drain()) putBack(message);
    await Promise.all(closing);
  }
}

/** The ids are in the subject. A body is not ours; JSON is passed over, anything else is refused. */
function parseWakeUp(message: Msg): WakeUp | undefined {
  if (message.data.length > 0 && !isJson(message)) return undefined;
  return parseActivationSubject(message.subject);
}

function isJson(message: Msg): boolean {
  try {
    return message.json<JsonValue>() !== undefined;
  } catch {
    return false;
  }
}
