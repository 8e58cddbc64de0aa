const MOST_EDITS = 4;

/** The known name that a mistyped one most likely means; `undefined` when none is near. */
export function nearestVariable(name: string, known: readonly string[]): string | undefined {
  if (name.length > 80) return undefined;
  const [best] = known.map((each) => ({ each, edits: editsBetween(name, each) })).toSorted((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= MOST_EDITS ? best.each : undefined;
}

/** How many letters must be added, left out or replaced to make `b` of `a`. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
