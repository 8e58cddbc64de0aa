/** W4, the work that every system does: 4 steps (model, logic, model, logic) over about 1 KB of state. Pure, so that any answer can be checked. */
export interface W4Input {
  readonly [key: string]: string | number;
  readonly number: number;
  /** How long the model takes, in milliseconds. */
  readonly model_ms: number;
  readonly notes: string;
}

export interface W4Output extends W4Input {
  readonly draft: string;
  readonly score: number;
  readonly letter: string;
  readonly verdict: string;
}

const WORDS =
  "asked about volume prices and a delivery before June because their own supplier left twelve branches without parts since March while the budget of finance is free only until autumn so they compare three vendors by support, uptime, training, invoices".split(
    " ",
  );
const NOTES_LENGTH = 900;

/** The notes are words in an order of the lead's own: a text of one repeated sentence would be compressed to nothing by Postgres. */
export function toW4Input(number: number, modelMs: number): W4Input {
  let notes = `Lead ${number}`;
  let seed = number + 1;
  while (notes.length < NOTES_LENGTH) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    notes += ` ${WORDS[(seed >>> 8) % WORDS.length]}`;
  }
  return { number, model_ms: modelMs, notes: notes.slice(0, NOTES_LENGTH) };
}

export const toReply = (prompt: string): string => `Re: ${prompt.slice(0, 60)}`;
export const toDraftPrompt = ({ number, notes }: Pick<W4Output, "number" | "notes">): string => `Lead ${number}: ${notes.slice(0, 200)}`;
export const toScore = ({ number, draft }: Pick<W4Output, "number" | "draft">): number => (number * 7 + draft.length) % 101;
export const toLetterPrompt = ({ score, draft }: Pick<W4Output, "score" | "draft">): string => `Score ${score}: ${draft}`;
export const toVerdict = ({ score, letter }: Pick<W4Output, "score" | "letter">): string =>
  `${score > 50 ? "call" : "wait"} (${letter.length})`;

export function toW4Output(input: W4Input): W4Output {
  const draft = toReply(toDraftPrompt(input));
  const score = toScore({ ...input, draft });
  const letter = toReply(toLetterPrompt({ score, draft }));
  return { ...input, draft, score, letter, verdict: toVerdict({ score, letter }) };
}

/** Names the first field that is not as it must be. */
export function findWrongField(output: unknown, expected: W4Output): string | undefined {
  if (typeof output !== "object" || output === null) return "the whole output";
  const given = new Map<string, unknown>(Object.entries(output));
  const names = Object.keys(expected);
  return names.find((name) => given.get(name) !== expected[name]) ?? [...given.keys()].find((name) => !names.includes(name));
}
