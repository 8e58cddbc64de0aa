import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { type SseMessage, SseParser } from "@openvibe/http";

export interface StreamClientOptions {
  readonly lastEventId?: string;
  /** What is done with an event; without it the client never reads: it is stalled. */
  readonly hear?: (message: SseMessage) => void;
}

/** A client of an event stream, as light as it can be: two thousand of them fit into one process. It does not come back. */
export class StreamClient implements Disposable {
  /** Resolves with the first frame, which holds a cursor; for one that never reads, with the head. */
  readonly connected: Promise<void>;
  readonly #request: ClientRequest;
  readonly #parser = new SseParser("");
  #isOpen = false;

  constructor(url: string, { lastEventId, hear }: StreamClientOptions) {
    const headers = { accept: "text/event-stream", ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) };
    this.#request = request(url, { headers, agent: false }).end();
    this.connected = new Promise((resolve, reject) => {
      this.#request.on("error", reject); // after the start nobody listens to it, and `isOpen` tells
      this.#request.on("response", (response: IncomingMessage) => {
        if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`));
        this.#isOpen = true;
        response.on("error", () => {}).on("close", () => (this.#isOpen = false));
        if (hear === undefined) return resolve();
        response.on("data", (bytes: Buffer) => {
          for (const message of this.#parser.push(bytes)) hear(message);
          resolve();
        });
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get cursor(): string {
    return this.#parser.lastEventId;
  }

  [Symbol.dispose](): void {
    this.#request.destroy();
  }
}
