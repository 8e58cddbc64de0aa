const MAX_CHARACTERS = 300;
/** So many letters and digits in a row in common with a long prompt are no accident; with a key or a short prompt, eight. */
const WINDOW = 12;
const STEP = 4;
const SHORT = 150;

/**
 * A vendor's sentence, short and on one line, or nothing but a note when it repeats a part of a secret or looks like a key: the vendor's
 * text for a wrong key may hold the key, and for a wrong request a piece of the prompt.
 */
export function toSafeText(text: unknown, secrets: readonly string[]): string {
  if (typeof text !== "string") return "";
  const line = text
    .slice(0, MAX_CHARACTERS)
    .replace(/[\s\p{C}]+/gu, " ")
    .trim();
  const withheld = /\bsk-[\w-]{4}|\bbearer\s+\S{8}/i.test(line) || secrets.some((secret) => repeats(line, secret));
  return withheld ? "(its text is withheld: it repeats the key or the prompt)" : line;
}

/** Compares letters and digits only, so that escapes and line breaks hide nothing. */
function repeats(line: string, secret: string): boolean {
  const said = toLetters(line);
  const kept = toLetters(secret);
  const window = kept.length <= SHORT ? 8 : WINDOW;
  if (kept.length < window) return kept.length >= 6 && said.includes(kept);
  // Of a long prompt, any stretch of WINDOW + STEP in common holds a window that begins at a multiple of STEP: enough, and quick.
  const step = kept.length <= SHORT ? 1 : STEP;
  for (let at = 0; at + window <= said.length; at += step) if (kept.includes(said.slice(at, at + window))) return true;
  return false;
}

function toLetters(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
