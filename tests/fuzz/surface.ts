import type { Maker } from "./maker.ts";
import type { FuzzedSystem } from "./system.ts";

/** A place where something from outside comes in. */
export interface Surface {
  readonly name: string;
  /** Share of the attempts. */
  readonly weight: number;
  /** Sends one thing; gives what was sent and, where OpenVibe did what it must not, a sentence that says so. */
  attempt(make: Maker, system: FuzzedSystem): Promise<Attempted>;
}

export interface Attempted {
  readonly sent: string;
  readonly fault?: string;
}

/** Longer answers count as a hang. The machine may be busy with other tests. */
export const ANSWER_WITHIN_MS = 15_000;

const STACK = /\n\s+at \S.*:\d+:\d+|node_modules\/|file:\/\/\/\S+\.ts/;

/** A text of ours that shows our insides. */
export function showsInsides(text: string): boolean {
  return STACK.test(text);
}

/** As it is shown in a report: everything printable, not endless. */
export function shown(bytes: Buffer | string): string {
  const text = JSON.stringify(bytes.toString("latin1"));
  return text.length > 1_500 ? `${text.slice(0, 1_500)}… (${bytes.length} bytes)` : text;
}
