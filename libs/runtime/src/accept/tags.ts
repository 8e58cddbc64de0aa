import { isPlainObject, pointerToken, type Tags } from "@openvibe/core";
import { refusal, typeOf } from "./refusal.ts";

const MAX_TAGS = 32;
const MAX_TAG_TEXT = 256;
/** No colon: a list asks for `name:text`. */
const TAG_NAME = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,63}$/;
const CONTROL = /\p{Cc}/u;

/** Reads a run's tags: few, short, and such that each can be asked for in an address. @throws OpenVibeError OV_REQUEST_INVALID naming the tag */
export function parseTags(given: unknown): Tags {
  if (!isPlainObject(given)) throw refusal("OV_REQUEST_INVALID", "/tags", `expected an object, got ${typeOf(given)}`);
  const entries = Object.entries(given);
  if (entries.length > MAX_TAGS) throw refusal("OV_REQUEST_INVALID", "/tags", `${entries.length} tags; allowed are ${MAX_TAGS}`);
  for (const [name, text] of entries) {
    const detail = faultOf(name, text);
    if (detail !== undefined) throw refusal("OV_REQUEST_INVALID", `/tags/${pointerToken(name.slice(0, 80))}`, detail);
  }
  return given as Tags;
}

function faultOf(name: string, text: unknown): string | undefined {
  if (!TAG_NAME.test(name))
    return "the name is not allowed; allowed are 1 to 64 of A-Z, a-z, 0-9, _, ., / and -, beginning with a letter, a digit or _";
  if (typeof text !== "string") return `expected a string, got ${typeOf(text)}`;
  if (text.length > MAX_TAG_TEXT) return `${text.length} characters; allowed are ${MAX_TAG_TEXT}`;
  if (CONTROL.test(text) || !text.isWellFormed()) return "control characters and lone surrogates are not allowed";
  return undefined;
}
