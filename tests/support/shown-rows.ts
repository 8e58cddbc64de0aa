/** Tables whose rows name the tests that show them: `tests/bad-input` and `tests/original`. What the tests come to is told by `rows-reporter.ts`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A test's file, and the words that its name holds: of a table's row those of the row, with `%s` and the like as they stand in the source. */
export type ShownBy = readonly [file: string, ...names: readonly [string, ...string[]]];

export interface ShownRow<N extends number | string = number | string> {
  readonly n: N;
  readonly what: string;
  readonly shownBy: readonly ShownBy[];
}

/** What does not exist yet. */
export interface OpenRow<N extends number | string = number | string> {
  readonly n: N;
  readonly what: string;
  readonly notYet: string;
}

export const row = <N extends number | string>(n: N, what: string, ...shownBy: readonly ShownBy[]): ShownRow<N> => ({ n, what, shownBy });
export const open = <N extends number | string>(n: N, what: string, notYet: string): OpenRow<N> => ({ n, what, notYet });

const ROOT = new URL("../../", import.meta.url);
const texts = new Map<string, string>();

/** A test file's text, with the suites of its port beside it: `libs/bus/src/nats/buckets.test.ts` runs those of `libs/bus/src/contract`. */
export function sourceOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const at = new URL(file, ROOT);
  const own = readFileSync(at, "utf8");
  const suites = new URL("../contract/", at);
  const shared =
    own.includes("/contract/") && existsSync(suites) ? readdirSync(suites).map((name) => readFileSync(new URL(name, suites), "utf8")) : [];
  const text = [own, ...shared].join("\n");
  texts.set(file, text);
  return text;
}
