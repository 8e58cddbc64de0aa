import { setTimeout as sleep } from "node:timers/promises";
import type { Link } from "./link.ts";
import type { Reply } from "./reply.ts";
import type { Wire } from "./wire.ts";

/** Shorter than what a connection may stay without an answer. */
export const BLOCK_MS = 2_000;
const AGAIN_MS = 20;

/** A connection for commands that block, one at a time. */
export class Blocker {
  readonly #link: Link;
  readonly #wire: Wire;
  #current: Promise<Reply> | undefined;

  constructor(link: Link, name: string) {
    this.#link = link;
    this.#wire = link.newWire(name);
    this.#wire.start();
  }

  /** @throws OpenVibeError OV_BUS_UNAVAILABLE without a connection, and what the client throws */
  async call(args: readonly string[]): Promise<Reply> {
    const current = this.#wire.call(args);
    this.#current = current;
    try {
      return await current;
    } finally {
      this.#current = undefined;
    }
  }

  /** Makes the call under way return, with what it has or with nothing. */
  unblock(): void {
    const current = this.#current;
    if (current !== undefined) this.#link.tell("unblock", this.#unblock(current));
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  /** It goes by another connection, so it may arrive before what it is to end. */
  async #unblock(current: Promise<Reply>): Promise<void> {
    while (this.#current === current && this.#wire.clientId !== undefined) {
      await this.#link.call("CLIENT", "UNBLOCK", this.#wire.clientId);
      await sleep(AGAIN_MS);
    }
  }
}
