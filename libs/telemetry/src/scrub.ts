import { HIDDEN, hideShapes } from "./secret-shapes.ts";

/** A shorter text would be found in everything. */
const MIN_LENGTH = 6;

/** For a text that is told to people, such as a message on standard error: known secrets go, and everything that has the shape of one. */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const known = createKnownScrubber(secrets);
  return (text) => hideShapes(known(text));
}

/**
 * Makes a function that takes known secrets out of a text, in the spellings in which they travel: as they are, inside JSON, inside a URL, in base64.
 * Secrets below 6 characters are left alone.
 */
export function createKnownScrubber(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(secrets.filter((secret) => secret.length >= MIN_LENGTH).flatMap(spellingsOf));
  // Longest first: one secret may begin with another.
  const known = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN);
    return clean;
  };
}

function spellingsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret, "utf8").toString("base64");
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64, passwordOf(secret)].filter(
    (spelling) => spelling.length >= MIN_LENGTH,
  );
}

/** A connection URL may be told in part: its password is a secret of its own. */
function passwordOf(secret: string): string {
  return URL.canParse(secret) ? decodeURIComponent(new URL(secret).password) : "";
}
