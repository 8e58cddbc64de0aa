import { setTimeout as sleep } from "node:timers/promises";
import type { Subscription } from "@openvibe/store";
import type { EventHub } from "../hub.ts";
import { Alarm } from "./alarm.ts";
import { FanOut, type FanOutOptions } from "./fan-out.ts";
import { replaySome } from "./replay-some.ts";
import { Sender, type SenderOptions } from "./sender.ts";

export interface WebhookOptions extends FanOutOptions, Omit<SenderOptions, "onEnded" | "signal"> {
  readonly hub: Pick<EventHub, "attach">;
  /** How often the store is asked, when nothing says that there is something; 1,000 ms by default. */
  readonly lookEveryMs?: number;
}

const PURGE_EVERY_MS = 60_000;
const PURGE_LIMIT = 200;
/** What the log is told within this time is read together. */
const GATHER_MS = 20;
/** An attempt that is on its way when the process ends. Cut, it is made again elsewhere when its time is over. */
const END_WITHIN_MS = 5_000;

/** Events out: makes deliveries of what the log holds, and sends them. Disposing ends it. Where nobody has subscribed it asks the store once a second, and no more. */
export class Webhooks implements AsyncDisposable {
  readonly #options: WebhookOptions;
  readonly #fanOut: FanOut;
  readonly #sender: Sender;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #heard = new Alarm();
  readonly #due = new Alarm();
  #subscriptions: readonly Subscription[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #purgeAt = 0;
  #quiet = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#fanOut = new FanOut(options);
    this.#sender = new Sender({ ...options, signal: this.#cut.signal, onEnded: () => this.#due.ring() });
  }

  start(): void {
    const heard = () => {
      if (this.#subscriptions.length > 0) this.#heard.ring();
    };
    const detach = this.#options.hub.attach({ offer: heard, interrupt: heard }, undefined);
    this.#stop.signal.addEventListener("abort", detach, { once: true });
    this.#running = Promise.all([this.#repeat(this.#heard, () => this.#make()), this.#repeat(this.#due, () => this.#send())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#cut.abort(), END_WITHIN_MS);
    await this.#running;
    await this.#sender.settled();
    clearTimeout(timer);
  }

  async #make(): Promise<void> {
    const { store, clock } = this.#options;
    this.#subscriptions = await store.subscriptions.list();
    if (this.#subscriptions.length === 0) return;
    if ((await this.#fanOut.run(this.#subscriptions, this.#stop.signal)) > 0) this.#due.ring();
    for (const subscription of this.#subscriptions)
      if (await replaySome(this.#options, subscription, this.#stop.signal)) this.#heard.ring();
    if (clock.now() >= this.#purgeAt)
      this.#purgeAt = clock.now() + ((await store.deliveries.purge(PURGE_LIMIT)) === PURGE_LIMIT ? 0 : PURGE_EVERY_MS);
    await sleep(GATHER_MS, undefined, { signal: this.#stop.signal });
  }

  async #send(): Promise<void> {
    await this.#sender.run(this.#subscriptions);
  }

  async #repeat(alarm: Alarm, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await work();
        this.#quiet = false;
      } catch (error) {
        // An outage of store or bus: told once, waited out.
        if (!signal.aborted && !this.#quiet) this.#options.logger.warn({ err: error }, "webhooks wait; they are tried again in a second");
        this.#quiet = true;
        await new Alarm().wait(1_000, signal);
      }
      await alarm.wait(this.#options.lookEveryMs ?? 1_000, signal);
    }
  }
}
