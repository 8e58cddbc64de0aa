const MOST_NAMES = 3;
const MOST_EDITS = 3;
const MOST_CHARACTERS = 80; // what is longer than any name there is costs no time

/** The known names that a mistyped one may have meant, nearest first; at most three. `crm_updated` and `crmUpdated` are the same to it. */
export function nearestNames(given: string, known: Iterable<string>): readonly string[] {
  const word = plain(given);
  // A short name is not near everything, and one letter is not near another.
  const allowed = Math.min(MOST_EDITS, Math.max(1, Math.floor(word.length / 3)), word.length - 1);
  return [...known]
    .map((name) => ({ name, edits: editsBetween(word, plain(name)) }))
    .filter(({ name, edits }) => edits <= allowed || (word.length >= 3 && plain(name).startsWith(word)))
    .sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
}

/** The known name that somebody who wrote `given` most likely meant, or `undefined`. */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  return nearestNames(given, known)[0];
}

/** `; did you mean "input"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `; did you mean ${names.map((name) => JSON.stringify(name)).join(" or ")}?`;
}

function plain(name: string): string {
  return name.slice(0, MOST_CHARACTERS).toLowerCase().replaceAll(/[_-]/g, "");
}

/** How many letters must be added, left out or replaced; two that changed places count as one. */
function editsBetween(a: string, b: string): number {
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
