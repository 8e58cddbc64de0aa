import { setTimeout as sleep } from "node:timers/promises";
import { MAIN_LANE, messageOf, type OperatorId, parseActivationSubject } from "@openvibe/core";
import { Patience } from "../patience.ts";
import { Taking, type TakingOptions } from "../taking.ts";
import type { Delivery } from "../work-queue.ts";
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

export interface TakerOptions extends TakingOptions {
  readonly link: Link;
  readonly operatorId: OperatorId;
  readonly holdMs: number;
  /** Makes the operator's group. */
  readonly prepare: () => Promise<void>;
  /** Says that an entry is none of ours, and settles it. */
  readonly refuse: (entry: StreamEntry) => void;
}

/** Asks for as many wake-ups as there are free slots, and puts back for everybody what was held too long. */
export class Taker {
  readonly #options: TakerOptions;
  readonly #keys: readonly string[];
  readonly #stream: string;
  readonly #taking: Taking<Held>;
  readonly #blocker: Blocker;
  readonly #patience: Patience;
  readonly #over = new AbortController();
  #asking: Promise<void> | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: TakerOptions) {
    const { link, operatorId } = options;
    const { stream, lying, delayed } = link.keys.activations(operatorId);
    this.#options = options;
    this.#taking = new Taking(options, {
      askForMore: () => this.#askForMore(),
      putBack: (held) => this.#putBack(held),
      toDelivery: (held) => toDelivery(link, held),
      end: () => this.#end(),
    });
    this.#stream = stream;
    this.#keys = [stream, lying, delayed];
    this.#blocker = new Blocker(link, `take:${operatorId}`);
    this.#patience = new Patience(link, Number.POSITIVE_INFINITY);
  }

  run(): AsyncGenerator<Delivery, void, void> {
    return this.#taking.run();
  }

  /** Returns when something changed. */
  async #askForMore(): Promise<void> {
    const { slots } = this.#options;
    this.#looking ??= this.#lookForDue();
    if (slots.free <= 0) return await this.#taking.untilFree();
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
      if (this.#taking.over) return;
      // The usual reason: nobody has made the group yet, or somebody emptied the server.
      if (!isGroupMissing(error) || !(await prepared(prepare))) await this.#patience.again(signal);
    }
  }

  #receive(entry: StreamEntry): void {
    const { operatorId, refuse } = this.#options;
    const name = entry.fields.get("wake") ?? "";
    const wakeUp = parseActivationSubject(`operators.${operatorId}.activations.${MAIN_LANE}.${name}`);
    if (wakeUp === undefined) refuse(entry);
    else if (this.#taking.over) this.#putBack({ id: entry.id, name, wakeUp });
    else this.#taking.arrived.push({ id: entry.id, name, wakeUp });
  }

  #putBack({ id, name }: Held): void {
    const { link } = this.#options;
    link.tell("put back", link.run(RELEASE, this.#keys, [name, id, 0]));
  }

  /** Every taker does: one is enough, and none may be the only one. */
  async #lookForDue(): Promise<void> {
    const { link, holdMs } = this.#options;
    const everyMs = Math.max(SHORTEST_LOOK_MS, Math.min(LOOK_EVERY_MS, Math.floor(holdMs / 4)));
    while (!this.#taking.over) {
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
  async #end(): Promise<void> {
    this.#over.abort();
    for (const held of this.#taking.arrived.drain()) this.#putBack(held);
    this.#blocker.unblock();
    await this.#asking;
    await this.#blocker.close();
    await this.#looking;
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
