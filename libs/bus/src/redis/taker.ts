import { setTimeout as sleep } from "node:timers/promises";
import { MAIN_LANE, messageOf, type OperatorId, parseActivationSubject } from "@openvibe/core";
import { Fifo } from "../fifo.ts";
import { Patience } from "../patience.ts";
import type { Delivery, Slots } from "../work-queue.ts";
import { BLOCK_MS, Blocker } from "./blocker.ts";
import { type Held, toDelivery } from "./delivery.ts";
import { isGroupMissing } from "./errors.ts";
import type { Link } from "./link.ts";
import { type StreamEntry, toEntriesByStream } from "./reply.ts";
import { CONSUMER, GROUP, RELEASE, REQUEUE } from "./work-queue-scripts.ts";

/** Bounds what waits out its hold when the connection is lost while they arrive. */
const LARGEST_BATCH = 256;
const LOOK_EVERY_MS = 500;
const SHORTEST_LOOK_MS = 20;

export interface TakerOptions {
  readonly link: Link;
  readonly operatorId: OperatorId;
  readonly slots: Slots;
  readonly signal: AbortSignal;
  readonly holdMs: number;
  /** Makes the operator's group. */
  readonly prepare: () => Promise<void>;
  /** Says that an entry is none of ours, and settles it. */
  readonly refuse: (entry: StreamEntry) => void;
}

/** One loop of `take`: asks for as many wake-ups as there are free slots, and puts back for everybody what was held too long. */
export class Taker {
  readonly #options: TakerOptions;
  readonly #keys: readonly string[];
  readonly #stream: string;
  readonly #arrived = new Fifo<Held>();
  readonly #blocker: Blocker;
  readonly #patience: Patience;
  readonly #over = new AbortController();
  #asking: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TakerOptions) {
    const { link, operatorId } = options;
    const { stream, lying, delayed } = link.keys.activations(operatorId);
    this.#options = options;
    this.#stream = stream;
    this.#keys = [stream, lying, delayed];
    this.#blocker = new Blocker(link, `take:${operatorId}`);
    this.#patience = new Patience(link, Number.POSITIVE_INFINITY);
  }

  async *run(): AsyncGenerator<Delivery, void, void> {
    const { signal, link, slots } = this.#options;
    // At once, also while the caller is busy with what it was given.
    const close = () => void this.#close();
    const ends = [signal, link.closing];
    for (const end of ends) end.addEventListener("abort", close);
    if (ends.some((end) => end.aborted)) close();
    const looking = this.#lookForDue();
    try {
      while (this.#closing === undefined) {
        const held = this.#arrived.shift();
        if (held === undefined) await this.#askForMore();
        else if (slots.free <= 0) this.#putBack(held);
        else if (held.wakeUp !== undefined) yield toDelivery(link, held, held.wakeUp);
      }
    } finally {
      for (const end of ends) end.removeEventListener("abort", close);
      await this.#close();
      await looking;
    }
  }

  /** Returns when something changed. */
  async #askForMore(): Promise<void> {
    const { slots, signal, link } = this.#options;
    if (slots.free <= 0) {
      try {
        return await slots.whenFree(AbortSignal.any([signal, link.closing]));
      } catch (error) {
        if (this.#closing === undefined) throw error;
        return;
      }
    }
    this.#asking = this.#ask(Math.min(slots.free, LARGEST_BATCH));
    await this.#asking;
  }

  async #ask(count: number): Promise<void> {
    const { signal, prepare } = this.#options;
    const stream = this.#stream;
    try {
      const args = ["GROUP", GROUP, CONSUMER, "COUNT", String(count), "BLOCK", String(BLOCK_MS), "STREAMS", stream, ">"];
      const reply = await this.#blocker.call(["XREADGROUP", ...args]);
      this.#patience.reset();
      for (const entry of toEntriesByStream(reply).get(stream) ?? []) this.#receive(entry);
    } catch (error) {
      if (this.#closing !== undefined) return;
      // The usual reason: nobody has made the group yet, or somebody emptied the server.
      if (!isGroupMissing(error) || !(await prepared(prepare))) await this.#patience.again(signal);
    }
  }

  #receive(entry: StreamEntry): void {
    const held = this.#toHeld(entry);
    if (held.wakeUp === undefined) this.#options.refuse(entry);
    else if (this.#closing !== undefined) this.#putBack(held);
    else this.#arrived.push(held);
  }

  #toHeld({ id, fields }: StreamEntry): Held {
    const name = fields.get("wake") ?? "";
    return { id, name, wakeUp: parseActivationSubject(`operators.${this.#options.operatorId}.activations.${MAIN_LANE}.${name}`) };
  }

  #putBack({ id, name }: Held): void {
    const { link } = this.#options;
    link.tell("put back", link.run(RELEASE, this.#keys, [name, id, 0]));
  }

  /** Every taker does: one is enough, and none may be the only one. */
  async #lookForDue(): Promise<void> {
    const { link, holdMs } = this.#options;
    const everyMs = Math.max(SHORTEST_LOOK_MS, Math.min(LOOK_EVERY_MS, Math.floor(holdMs / 4)));
    while (this.#closing === undefined) {
      let waitMs = everyMs;
      try {
        if (link.connected) waitMs = toWait(Number(await link.run(REQUEUE, this.#keys, [holdMs])), everyMs);
      } catch (error) {
        link.logger.debug({ error: messageOf(error) }, "what is due cannot be put back");
      }
      await sleep(waitMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  /** Ends the open call first, then puts back what was not yielded. */
  #close(): Promise<void> {
    this.#closing ??= this.#options.link.track(this.#end());
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#over.abort();
    for (const held of this.#arrived.drain()) this.#putBack(held);
    this.#blocker.unblock();
    await this.#asking;
    await this.#blocker.close();
  }
}

/** What is due sooner is looked for sooner. */
function toWait(nextMs: number, everyMs: number): number {
  return nextMs < 0 ? everyMs : Math.max(1, Math.min(everyMs, nextMs));
}

async function prepared(prepare: () => Promise<void>): Promise<boolean> {
  return prepare().then(
    () => true,
    () => false,
  );
}
