/** Whether an event's type is meant by a pattern: exact, or with `*` for any letters, dots included. */
export function matchesType(pattern: string, type: string): boolean {
  if (!pattern.includes("*")) return pattern === type;
  const literals = pattern.split("*").map((text) => text.replace(/[.\\^$+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`).test(type);
}
