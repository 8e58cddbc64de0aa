import { MsgHdrsImpl } from "@nats-io/transport-node";
import { toHeaderText } from "./header-text.ts";

/** Headers whose bytes are known: the client's own are a map of lists, which costs more to fill and to write out than all else of a message. */
export class WrittenHeaders extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;

  /** `lines` as `headerLine` gives them. */
  constructor(lines: string) {
    super();
    this.#bytes = Buffer.from(`NATS/1.0\r\n${lines}\r\n`);
  }

  override encode(): Uint8Array {
    return this.#bytes;
  }
}

/** One header of a message; nothing where there is no value. https://docs.nats.io/reference/reference-protocols/nats-protocol#hpub */
export function headerLine(name: string, value: string | number | null | undefined): string {
  return value === null || value === undefined ? "" : `${name}: ${toHeaderText(String(value))}\r\n`;
}
