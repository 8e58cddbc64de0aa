/** What a server answers, as the client decodes RESP2. */
export type Reply = string | number | null | readonly Reply[];

export interface StreamEntry {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

export function toList(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? reply : [];
}

export function toText(reply: Reply | undefined): string {
  return typeof reply === "string" || typeof reply === "number" ? String(reply) : "";
}

/** What XRANGE answers. */
export function toEntries(reply: Reply | undefined): readonly StreamEntry[] {
  return toList(reply).map((row) => {
    const [id, flat] = toList(row);
    return { id: toText(id), fields: toFields(flat) };
  });
}

/** What XREAD and XREADGROUP answer: entries by stream. */
export function toEntriesByStream(reply: Reply | undefined): ReadonlyMap<string, readonly StreamEntry[]> {
  return new Map(toList(reply).map((row) => [toText(toList(row)[0]), toEntries(toList(row)[1])]));
}

/** Names and values in turns. */
function toFields(reply: Reply | undefined): ReadonlyMap<string, string> {
  const flat = toList(reply).map(toText);
  return new Map(Array.from({ length: Math.floor(flat.length / 2) }, (_, index) => [flat[index * 2] ?? "", flat[index * 2 + 1] ?? ""]));
}

/** Of a stream whose ids are `0-<number>`. */
export function numberOf(id: string): number {
  return Number(id.slice(id.indexOf("-") + 1));
}
