/**
 * Conditions in YAML: `fit >= 80 and not (stage in ["lost", "won"])`. A grammar of its own, so that a file that comes from outside runs no code.
 *
 *     or:         and ("or" and)*
 *     and:        not ("and" not)*
 *     not:        "not" not | comparison
 *     comparison: value (("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in") value)?
 *     value:      number | text in quotes | true | false | null | field (.name)* | "[" value, … "]" | "(" or ")"
 */
import { canonicalJson, type JsonValue, OpenVibeError, type State } from "@openvibe/core";
import type { FieldUses, UsedAs } from "./field-uses.ts";
import type { Spot } from "./spots.ts";
import { look } from "./template.ts";

/** A condition, and the fields that it looks at. */
export interface Expression {
  readonly fields: readonly string[];
  /** @throws OpenVibeError OV_NODE_FAILED where the values cannot be compared, or are no truth value */
  holds(state: State): boolean;
}

type Value = (state: State) => unknown;

const COMPARISONS = ["==", "!=", "<=", ">=", "<", ">"] as const;
type Comparison = (typeof COMPARISONS)[number];

interface Token {
  readonly kind: "number" | "text" | "word" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)|(==|!=|<=|>=|[<>()[\],]))/y;
const KEYWORDS = new Set(["and", "or", "not", "in", "true", "false", "null"]);
const MAX_CHARACTERS = 2_000;
/** Deeper than anybody writes. */
const MAX_DEPTH = 50;

/** `spotAt` gives the place of an offset in the text. @throws OpenVibeError OV_DEFINITION_INVALID */
export function parseExpression(text: string, uses: FieldUses, spotAt: (offset: number) => Spot): Expression {
  if (text.length > MAX_CHARACTERS) throw spotAt(0).fault(`a condition has ${MAX_CHARACTERS} characters at most`);
  const parser = new Parser(tokensOf(text, spotAt), uses, spotAt);
  const { of } = parser.whole();
  return { fields: [...parser.fields], holds: (state) => truth(of(state)) };
}

function tokensOf(text: string, spotAt: (offset: number) => Spot): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const at = from + (text.slice(from).length - text.slice(from).trimStart().length);
      throw spotAt(at).fault(`${JSON.stringify(text.slice(at, at + 20))} is nothing that a condition may hold; ${GRAMMAR}`);
    }
    const [, number, quoted, word, sign] = match;
    const kind = number !== undefined ? "number" : quoted !== undefined ? "text" : word !== undefined ? "word" : "sign";
    const said = number ?? quoted ?? word ?? sign ?? "";
    tokens.push({ kind, text: said, at: TOKEN.lastIndex - said.length });
  }
  return [...tokens, { kind: "end", text: "its end", at: text.length }];
}

const GRAMMAR = "allowed are fields, numbers, texts in quotes, true, false, null, lists, == != < <= > >= in, and, or, not, and brackets";

/** A part of a condition; `field` and `literal` where it is no more than that. */
interface Part {
  readonly of: Value;
  readonly field?: { readonly name: string; readonly whole: boolean; readonly at: number };
  readonly literal?: JsonValue;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #uses: FieldUses;
  readonly #spotAt: (offset: number) => Spot;
  readonly fields = new Set<string>();
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], uses: FieldUses, spotAt: (offset: number) => Spot) {
    this.#tokens = tokens;
    this.#uses = uses;
    this.#spotAt = spotAt;
  }

  whole(): Part {
    const part = this.#or();
    if (this.#next.kind !== "end") throw this.#unexpected("and, or, or the end");
    this.#readBare(part);
    return part;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "its end", at: 0 };
  }

  #take(...texts: readonly string[]): string | undefined {
    const { kind, text } = this.#next;
    if (kind === "text" || kind === "end" || !texts.includes(text)) return undefined;
    this.#at++;
    return text;
  }

  #or(): Part {
    return this.#chain("or", () => this.#and());
  }

  #and(): Part {
    return this.#chain("and", () => this.#not());
  }

  /** Ends as soon as the answer is known. */
  #chain(word: "and" | "or", operand: () => Part): Part {
    const first = operand();
    const parts = [first];
    while (this.#take(word) !== undefined) parts.push(operand());
    if (parts.length === 1) return first;
    for (const part of parts) this.#readBare(part);
    const ends = word === "or";
    return { of: (state) => (parts.some(({ of }) => truth(of(state)) === ends) ? ends : !ends) };
  }

  #not(): Part {
    if (this.#take("not") === undefined) return this.#comparison();
    const part = this.#deeper(() => this.#not());
    this.#readBare(part);
    return { of: (state) => !truth(part.of(state)) };
  }

  #comparison(): Part {
    const left = this.#value();
    const negated = this.#next.text === "not" && this.#tokens[this.#at + 1]?.text === "in" && this.#take("not") !== undefined;
    if (this.#take("in") !== undefined) {
      const right = this.#value();
      this.#read(left, "any");
      this.#read(right, "any");
      return { of: (state) => isIn(left.of(state), right.of(state)) !== negated };
    }
    const sign = this.#take(...COMPARISONS) as Comparison | undefined;
    if (sign === undefined) return left;
    const right = this.#value();
    this.#read(left, kindOf(right.literal));
    this.#read(right, kindOf(left.literal));
    return { of: (state) => compare(left.of(state), sign, right.of(state)) };
  }

  #value(): Part {
    const { kind, text, at } = this.#next;
    this.#at++;
    if (kind === "number") return constant(Number(text));
    if (kind === "text") return constant(unquote(text));
    if (kind === "word" && text === "true") return constant(true);
    if (kind === "word" && text === "false") return constant(false);
    if (kind === "word" && text === "null") return constant(null);
    if (kind === "word" && !KEYWORDS.has(text)) return this.#field(text, at);
    if (text === "(") return this.#deeper(() => this.#within(() => this.#or(), ")"));
    if (text === "[") return this.#deeper(() => this.#list());
    this.#at--;
    throw this.#unexpected("a field, a number, a text in quotes, true, false, null, a list or a bracket");
  }

  #field(text: string, at: number): Part {
    const [name = "", ...deeper] = text.split(".");
    this.fields.add(name);
    return { of: (state) => look(state, [name, ...deeper]) ?? null, field: { name, whole: deeper.length === 0, at } };
  }

  #list(): Part {
    const items: Part[] = [];
    while (this.#next.text !== "]" || this.#next.kind === "text") {
      items.push(this.#value());
      if (this.#take(",") === undefined) break;
    }
    if (this.#take("]") === undefined) throw this.#unexpected(", or ]");
    for (const item of items) this.#read(item, "any");
    return { of: (state) => items.map(({ of }) => of(state)) };
  }

  #within(inner: () => Part, close: string): Part {
    const part = inner();
    if (this.#take(close) === undefined) throw this.#unexpected(close);
    return part;
  }

  #deeper(inner: () => Part): Part {
    if (++this.#depth > MAX_DEPTH) throw this.#spotAt(this.#next.at).fault(`a condition has ${MAX_DEPTH} brackets in each other at most`);
    const part = inner();
    this.#depth--;
    return part;
  }

  /** A field that stands alone is a truth value. */
  #readBare(part: Part): void {
    if (part.field !== undefined) this.#read(part, "boolean");
  }

  #read({ field }: Part, as: UsedAs): void {
    if (field !== undefined) this.#uses.read(field.name, field.whole ? as : "any", this.#spotAt(field.at));
  }

  #unexpected(allowed: string): OpenVibeError {
    const { text, at } = this.#next;
    return this.#spotAt(at).fault(`the condition has ${text} where ${allowed} may stand`);
  }
}

function constant(value: JsonValue): Part {
  return { of: () => value, literal: value };
}

function unquote(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, (_, character: string) => ({ n: "\n", t: "\t" })[character] ?? character);
}

function kindOf(literal: JsonValue | undefined): UsedAs {
  if (typeof literal === "number") return "number";
  if (typeof literal === "boolean") return "boolean";
  return typeof literal === "string" ? "text" : "any";
}

function truth(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw failed(`${said(value)} is neither true nor false: compare it with something`);
}

function compare(left: unknown, sign: Comparison, right: unknown): boolean {
  if (sign === "==" || sign === "!=") return (canonicalJson(left as JsonValue) === canonicalJson(right as JsonValue)) === (sign === "==");
  const comparable = (typeof left === "number" && typeof right === "number") || (typeof left === "string" && typeof right === "string");
  if (!comparable) throw failed(`${said(left)} and ${said(right)} have no order: two numbers or two texts have one`);
  if (sign === "<") return left < right;
  if (sign === "<=") return left <= right;
  return sign === ">" ? left > right : left >= right;
}

/** In a list, or as a part of a text. */
function isIn(item: unknown, within: unknown): boolean {
  if (Array.isArray(within)) return within.some((each) => compare(item, "==", each));
  if (typeof within === "string" && typeof item === "string") return within.includes(item);
  throw failed(`${said(item)} cannot be in ${said(within)}: something is in a list, or a text in a text`);
}

function said(value: unknown): string {
  if (value === null || value === undefined) return "what is not given";
  return typeof value === "object"
    ? Array.isArray(value)
      ? "a list"
      : "an object"
    : `a ${typeof value === "string" ? "text" : typeof value}`;
}

function failed(what: string): OpenVibeError {
  return new OpenVibeError("OV_NODE_FAILED", `the condition cannot be answered: ${what}`);
}
