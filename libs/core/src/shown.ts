const MOST_CHARACTERS = 80;

/** How a wrong value stands in a message: a text shortened and quoted, a number as it is, of anything else only the type. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MOST_CHARACTERS));
  if (typeof value === "number") return String(value);
  return `of type ${value === null ? "null" : typeof value}`;
}
