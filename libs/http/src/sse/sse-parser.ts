/** An event as a client reads it. */
export interface SseMessage {
  /** `message` when the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The id this very event carried; live events carry none. */
  readonly id: string | undefined;
  /** The newest id of the stream: what a reconnect sends as `Last-Event-ID`. */
  readonly lastEventId: string;
}

const LF = 10;
const CR = 13;

/** Reads a `text/event-stream` in pieces of any size, as the HTML standard has it. What is cut in the middle of a frame counts as not sent. */
export class SseParser {
  #decoder = new TextDecoder("utf-8");
  #rest = "";
  #skipLf = false;
  #event = "";
  #data: string[] = [];
  #id: string | undefined;
  #lastEventId: string;
  #retryMs: number | undefined;

  constructor(lastEventId = "") {
    this.#lastEventId = lastEventId;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** What the server asked the client to wait before it connects again; milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** Gives the events that these bytes complete. */
  push(bytes: Uint8Array): SseMessage[] {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const messages: SseMessage[] = [];
    let start = 0;
    for (let at = this.#rest.length; at < text.length; at++) {
      const char = text.charCodeAt(at);
      const skip = char === LF && this.#skipLf && at === start;
      this.#skipLf = char === CR;
      if (char !== LF && char !== CR) continue;
      if (!skip) this.#line(text.slice(start, at), messages);
      start = at + 1;
    }
    this.#rest = text.slice(start);
    return messages;
  }

  #line(line: string, messages: SseMessage[]): void {
    if (line === "") {
      this.#dispatch(messages);
      return;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    switch (field) {
      case "event":
        this.#event = value;
        break;
      case "data":
        this.#data.push(value);
        break;
      case "id":
        if (!value.includes("\0")) this.#id = value;
        break;
      case "retry":
        if (/^\d+$/.test(value)) this.#retryMs = Number(value);
        break;
      default: // a comment, or a field of another time
    }
  }

  #dispatch(messages: SseMessage[]): void {
    if (this.#id !== undefined) this.#lastEventId = this.#id;
    if (this.#data.length > 0) {
      messages.push({
        event: this.#event === "" ? "message" : this.#event,
        data: this.#data.join("\n"),
        id: this.#id,
        lastEventId: this.#lastEventId,
      });
    }
    this.#event = "";
    this.#data = [];
    this.#id = undefined;
  }
}
