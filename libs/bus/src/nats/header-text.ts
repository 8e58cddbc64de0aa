/** Percent-encodes what a header cannot carry: all but printable ASCII, and space, quote and percent themselves (CloudEvents, HTTP binding). */
export function toHeaderText(value: string): string {
  if (/^[\x21\x23\x24\x26-\x7e]*$/.test(value)) return value;
  return value.toWellFormed().replace(/[^\x21\x23\x24\x26-\x7e]/gu, (char) => {
    const encoded = encodeURIComponent(char);
    return encoded === char ? `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}` : encoded;
  });
}

/** What `toHeaderText` encoded; anything that is not so encoded comes back as it is. */
export function parseHeaderText(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // of a foreign program that does not encode
  }
}
