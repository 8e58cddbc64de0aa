import { type JsonValue, OpenVibeError } from "@openvibe/core";

/** Bytes of one message's JSON on any bus: below the 1 MiB that a NATS server takes by default, headers included. */
const MAX_MESSAGE_BYTES = 1_000_000;

/** Writes a value as JSON text. `what` names it in the error. @throws OpenVibeError OV_BODY_TOO_LARGE */
export function toJsonText(value: JsonValue, what: string, maxBytes: number = MAX_MESSAGE_BYTES): string {
  const text = JSON.stringify(value);
  // A UTF-16 unit is at most three bytes: most texts need no exact count.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) throw new OpenVibeError("OV_BODY_TOO_LARGE", `${what} has ${bytes} bytes of JSON; allowed are ${maxBytes}`);
  }
  return text;
}
