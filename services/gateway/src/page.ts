/** A page of a list. One item more than `limit` was asked for: it tells whether there is a next page. */
export function toPage<T, B>(found: readonly T[], limit: number, toBody: (item: T) => B, toCursor: (last: T) => string) {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { data: shown.map(toBody), has_more: hasMore, next_cursor: hasMore ? toCursor(last) : null };
}
