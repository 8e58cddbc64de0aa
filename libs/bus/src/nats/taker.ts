import type { Msg } from "@nats-io/transport-node";
import { type JsonValue, type OperatorId, parseActivationSubject, type WakeUp } from "@openvibe/core";
import { OV_ACTIVATIONS, operatorConsumerName } from "@openvibe/nats";
import { Patience } from "../patience.ts";
import { Taking, type TakingOptions } from "../taking.ts";
import type { Delivery } from "../work-queue.ts";
import { putBack, toDelivery } from "./delivery.ts";
import type { Link } from "./link.ts";
import { openPull, type Pull } from "./pull.ts";

const EXPIRES_MS = 4_000;
/** Bounds what waits out its ack_wait when the connection is lost while they arrive. */
const LARGEST_BATCH = 256;

export interface TakerOptions extends TakingOptions {
  readonly link: Link;
  readonly operatorId: OperatorId;
  /** Makes the operator's consumer. */
  readonly prepare: () => Promise<void>;
  /** Says that a message is none of ours, and settles it. */
  readonly refuse: (message: Msg) => void;
}

/** Keeps as many messages asked for as there are free slots, and yields them as they come. */
export class Taker {
  readonly #options: TakerOptions;
  readonly #taking: Taking<Msg>;
  readonly #pulls = new Set<Pull>();
  readonly #patience: Patience;
  #wake: () => void = () => {};
  #lost = false;

  constructor(options: TakerOptions) {
    this.#options = options;
    this.#taking = new Taking(options, {
      askForMore: () => this.#askForMore(),
      putBack,
      toDelivery: (message) => this.#toDelivery(message),
      end: () => this.#end(),
    });
    this.#patience = new Patience(options.link, Number.POSITIVE_INFINITY);
  }

  run(): AsyncGenerator<Delivery, void, void> {
    return this.#taking.run();
  }

  #toDelivery(message: Msg): Delivery | undefined {
    const wakeUp = parseWakeUp(message);
    if (wakeUp !== undefined) return toDelivery(message, wakeUp);
    this.#options.refuse(message);
    return undefined;
  }

  /** Returns when something changed. */
  async #askForMore(): Promise<void> {
    const { link, slots, signal, prepare } = this.#options;
    if (this.#lost || !link.connected) {
      this.#lost = false;
      await this.#patience.again(signal);
      // Idempotent, and the usual reason: nobody has made the consumer yet, or its stream was made anew.
      if (link.connected && !this.#taking.over) await prepare().catch(() => this.#loseLater());
      return;
    }
    const asked = [...this.#pulls].reduce((sum, pull) => sum + pull.left, 0);
    if (slots.free <= 0 && asked === 0) return await this.#taking.untilFree();
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
        if (this.#taking.over) putBack(message);
        else this.#taking.arrived.push(message);
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

  #loseLater(): void {
    this.#lost = true;
  }

  /** Ends the open pulls first, then puts back what was not yielded. */
  async #end(): Promise<void> {
    this.#wake();
    const closing = [...this.#pulls].map((pull) => pull.close());
    for (const message of this.#taking.arrived.drain()) putBack(message);
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
