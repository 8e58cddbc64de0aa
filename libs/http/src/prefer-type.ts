import { parseWeights } from "./weights.ts";

/**
 * Which of `offered` an `Accept` header likes best (RFC 9110 §12.5.1), the first of those it likes alike; without a header the first. `undefined`: it
 * takes none of them.
 */
export function preferType<T extends string>(accept: string | undefined, offered: readonly T[]): T | undefined {
  if (accept === undefined || accept.trim() === "") return offered[0];
  const weights = parseWeights(accept);
  const weigh = (type: string) => weights.get(type) ?? weights.get(`${type.split("/")[0]}/*`) ?? weights.get("*/*") ?? 0;
  const [best] = offered.map((type) => ({ type, weight: weigh(type) })).sort((a, b) => b.weight - a.weight);
  return best !== undefined && best.weight > 0 ? best.type : undefined;
}
