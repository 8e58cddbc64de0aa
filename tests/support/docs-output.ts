/** Compares what a page shows as a line's output with what the line wrote. Loosely: ids, times and durations differ from run to run. */

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b(run|req)_[\w-]+/g, "$1_…"],
  [/\b\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g, "(date)"],
  [/\b\d\d:\d\d:\d\d(\.\d+)?/g, "(time)"],
  [/\b\d+(\.\d+)? ?(ms|s)\b/g, "(duration)"],
];

/**
 * Says what of `shown` is not in `written`; `undefined` when all is. JSON: the shown keys with the shown values, others may be there too; numbers
 * with a fraction are measured and differ. Text: the shown lines in their order, others may stand between. `…` stands for anything.
 */
export function findDifference(shown: string, written: string): string | undefined {
  const wanted = tryParse(shown);
  return wanted === undefined
    ? findMissingLine(shown, written)
    : findWrongValue(wanted, tryParse(written.slice(written.search(/[[{]/))), "");
}

function findMissingLine(shown: string, written: string): string | undefined {
  const rest = written.split("\n").map(steady);
  for (const line of shown.split("\n").filter((text) => text.trim() !== "")) {
    const pattern = toPattern(line);
    const at = rest.findIndex((each) => pattern.test(each));
    if (at === -1) return `no line like: ${line}`;
    rest.splice(0, at + 1);
  }
  return undefined;
}

function findWrongValue(wanted: unknown, found: unknown, at: string): string | undefined {
  if (Array.isArray(wanted) && Array.isArray(found))
    return wanted.map((each, index) => findWrongValue(each, found[index], `${at}/${index}`)).find((fault) => fault !== undefined);
  if (isObject(wanted) && isObject(found))
    return Object.entries(wanted)
      .map(([key, value]) => findWrongValue(value, found[key], `${at}/${key}`))
      .find((fault) => fault !== undefined);
  const isSame =
    typeof wanted === "string" && typeof found === "string"
      ? toPattern(wanted).test(steady(found))
      : typeof wanted === "number" && typeof found === "number" && !(Number.isInteger(wanted) && Number.isInteger(found))
        ? true
        : wanted === found;
  return isSame ? undefined : `${at || "the whole"} is ${JSON.stringify(found)}, and ${JSON.stringify(wanted)} is shown`;
}

function steady(text: string): string {
  return VOLATILE.reduce((each, [pattern, by]) => each.replace(pattern, by), text)
    .trim()
    .replace(/\s+/g, " ");
}

function toPattern(shown: string): RegExp {
  return new RegExp(`^${steady(shown).split("…").map(literal).join(".*")}$`, "s");
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
