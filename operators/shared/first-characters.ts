/** The first `count` characters of a text, in Unicode code points: one outside the basic plane is never cut in half. */
export function firstCharacters(text: string, count: number): string {
  let units = 0;
  let taken = 0;
  for (const character of text) {
    if (taken++ === count) break;
    units += character.length;
  }
  return text.slice(0, units);
}
