import { type Logger, messageOf } from "@openvibe/core";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import { type Client, openWire, type Wire, type WireOptions } from "./wire.ts";

type Hear = (message: string, channel: string) => void;

/** One channel, or all that a pattern with `*` fits. */
interface Channel {
  readonly name: string;
  readonly listeners: Set<Hear>;
  readonly tell: Hear;
}

/** What is listened to, over one connection; on a new one all of it again, before it counts as connected. */
export class Ear {
  readonly #wire: Wire;
  readonly #channels: Map<string, Channel>;
  readonly #logger: Logger;

  private constructor(wire: Wire, channels: Map<string, Channel>, logger: Logger) {
    this.#wire = wire;
    this.#channels = channels;
    this.#logger = logger;
  }

  /** @throws OpenVibeError OV_BUS_UNAVAILABLE */
  static async open(options: Omit<WireOptions, "greet">, timeoutMs: number): Promise<Ear> {
    const channels = new Map<string, Channel>();
    const listenAgain = async (client: Client) =>
      void (await Promise.all([...channels.values()].map((channel) => subscribe(client, channel))));
    const wire = await openWire({ ...options, greet: listenAgain }, timeoutMs);
    return new Ear(wire, channels, options.logger);
  }

  get connected(): boolean {
    return this.#wire.connected;
  }

  onChange(hear: () => void): () => void {
    return this.#wire.onChange(hear);
  }

  /** Resolves once the server knows; its end resolves once it gives nothing more. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  async listen(link: Link, name: string, hear: Hear): Promise<() => Promise<void>> {
    // A listener of one's own, so that the same function may listen twice.
    const listener: Hear = (message, channel) => hear(message, channel);
    const channel = this.#channels.get(name) ?? this.#newChannel(name);
    this.#channels.set(name, channel);
    channel.listeners.add(listener);
    const end = async () => {
      channel.listeners.delete(listener);
      if (channel.listeners.size > 0 || this.#channels.get(name) !== channel) return;
      this.#channels.delete(name);
      if (this.connected) await unsubscribe(this.#wire.client, channel).catch(() => undefined); // gone with the connection
    };
    try {
      await persist(link, `listening to ${name} failed`, async () => subscribe(this.#wire.client, channel));
    } catch (error) {
      await end();
      throw error;
    }
    return end;
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #newChannel(name: string): Channel {
    const listeners = new Set<Hear>();
    const tell: Hear = (message, channel) => {
      for (const hear of [...listeners]) {
        try {
          hear(message, channel);
        } catch (error) {
          this.#logger.error({ channel, error: messageOf(error) }, "a message is not readable, or its listener threw");
        }
      }
    };
    return { name, listeners, tell };
  }
}

function subscribe(client: Client, { name, tell }: Channel): Promise<void> {
  return name.includes("*") ? client.pSubscribe(name, tell) : client.subscribe(name, tell);
}

function unsubscribe(client: Client, { name, tell }: Channel): Promise<void> {
  return name.includes("*") ? client.pUnsubscribe(name, tell) : client.unsubscribe(name, tell);
}
