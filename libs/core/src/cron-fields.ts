import { shown } from "./shown.ts";

interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for the numbers from `least` on. */
  readonly words: readonly string[];
  readonly allowed: string;
}

const field = (name: string, least: number, most: number, allowed: string, words: readonly string[] = []): CronField => ({
  name,
  least,
  most,
  words,
  allowed,
});

/** As https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html has them, with steps and names. */
const FIELDS = [
  field("minute", 0, 59, "0-59"),
  field("hour", 0, 23, "0-23"),
  field("day of the month", 1, 31, "1-31"),
  field("month", 1, 12, "1-12 or JAN-DEC", ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
  field("day of the week", 0, 7, "0-7 or SUN-SAT (0 and 7 are Sunday)", ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
] as const;
const FORMS = "*, lists (1,15), ranges (1-5) and steps (*/10, 8-18/2)";
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const ITEM = /^(\*|[0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?(?:\/(\d+))?$/;

type Read = { readonly values: ReadonlySet<number>; readonly fault?: never } | { readonly values?: never; readonly fault: string };

/** Says what is wrong with the five fields of a cron expression: which field, what, and what is allowed; `undefined` when nothing is. */
export function findCronFieldFault(texts: readonly string[]): string | undefined {
  const values: ReadonlySet<number>[] = [];
  for (const [index, each] of FIELDS.entries()) {
    const text = texts[index] ?? "";
    const read = readField(each, text);
    if (read.fault !== undefined) return `${each.name} ${shown(text)}: ${read.fault}; allowed are ${each.allowed}, ${FORMS}`;
    values.push(read.values);
  }
  return findNever(texts, values);
}

function readField(of: CronField, text: string): Read {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const fault = addItem(of, item, values);
    if (fault !== undefined) return { fault };
  }
  return { values };
}

function addItem(of: CronField, item: string, values: Set<number>): string | undefined {
  if (item === "") return "an entry is empty";
  const [, first, last, step] = ITEM.exec(item) ?? [];
  if (first === undefined) return `${shown(item)} is no cron field`;
  if (step !== undefined && first !== "*" && last === undefined) return `${shown(item)} has a step, which follows * or a range only`;
  if (step !== undefined && (Number(step) < 1 || Number(step) > of.most)) return `the step ${step} is not from 1 to ${of.most}`;
  if (first === "*" && last !== undefined) return `${shown(item)} is no range`;
  const [from, to] = first === "*" ? [of.least, of.most] : [toNumber(of, first), toNumber(of, last ?? first)];
  if (from === undefined) return `${first} is not allowed`;
  if (to === undefined) return `${last} is not allowed`;
  if (from > to) return `the range ${item} goes backwards`;
  for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  return undefined;
}

function toNumber({ words, least, most }: CronField, text: string): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  const value = word >= 0 ? word + least : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** `0 0 31 2 *` is well formed, and nobody would ever hear of it. */
function findNever([, , day, , weekday]: readonly string[], [, , days, months]: readonly ReadonlySet<number>[]): string | undefined {
  if (weekday !== "*" || days === undefined || months === undefined) return undefined;
  const longest = Math.max(...[...months].map((month) => LONGEST_MONTHS[month - 1] ?? 0));
  return Math.min(...days) > longest
    ? `day of the month ${shown(day)} never comes: the longest of these months has ${longest} days`
    : undefined;
}
