const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Reads a number of a model's reply, a CRM record or an input: a numeric text counts as its number, all else that is not finite as missing. */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && DECIMAL.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
