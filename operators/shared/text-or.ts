/** The text, or what stands for a missing, empty or different value. */
export function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" && value !== "" ? value : fallback;
}
