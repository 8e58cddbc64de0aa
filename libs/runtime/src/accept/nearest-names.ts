const MAX_NAMES = 3;

/** The known names that a mistyped one may have meant, nearest first; at most three. */
export function nearestNames(given: string, known: Iterable<string>): readonly string[] {
  const word = given.slice(0, 64).toLowerCase();
  const allowed = Math.max(1, Math.floor(word.length / 3));
  return [...known]
    .map((name) => ({ name, distance: distanceOf(word, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= allowed || (word.length >= 3 && name.toLowerCase().startsWith(word)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NAMES)
    .map(({ name }) => name);
}

/** `; did you mean "input"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `; did you mean ${names.map((name) => JSON.stringify(name)).join(" or ")}?`;
}

/** Edits from one word to the other; two letters that changed places count as one. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
