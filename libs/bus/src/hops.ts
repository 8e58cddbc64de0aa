/** Hops as a request carried them. On a shared bus anybody may have asked: what counts nothing is left out. */
export function toHops(hops: unknown): { readonly hops?: number } {
  return Number.isSafeInteger(hops) && Number(hops) > 0 ? { hops: Number(hops) } : {};
}
