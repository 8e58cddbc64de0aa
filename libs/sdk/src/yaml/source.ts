import { findJsonFault, OpenVibeError, pointerToken } from "@openvibe/core";
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { pointerSpot, type Spot, spotsIn } from "./spots.ts";

export type Path = readonly (string | number)[];

/** What stands at a path; `undefined` where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[part] : undefined),
    value,
  );
}

/** A YAML text that was read, and where everything in it stands. Nothing in it is checked yet. */
export interface YamlSource {
  readonly name: string;
  readonly value: unknown;
  /** The value at the path; the nearest one around it where there is none. */
  spot(path: Path): Spot;
  /** The key at the path's end, rather than its value. */
  keySpot(path: Path): Spot;
  /** How a text stands there: `plain` is one that other readers of YAML may take for a truth value, a date or a number. */
  plainText(path: Path): string | undefined;
}

const MAX_BYTES = 1_048_576;
const RESERVED_KEY = "__proto__";

/**
 * Reads one YAML 1.2 document (JSON is one, too). What YAML only warns of, such as a tag nobody knows, is an error.
 * @throws OpenVibeError OV_DEFINITION_INVALID with file, line and column
 */
export function readYaml(text: string, name: string): YamlSource {
  const spotAt = spotsIn(text, name);
  if (Buffer.byteLength(text) > MAX_BYTES) throw outright(`${name} is larger than the ${MAX_BYTES} bytes allowed`);
  const document = parse(text, name);
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (fault !== undefined) throw spotAt(fault.pos[0]).fault(sayOf(fault, text));
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    throw outright(`${name} is empty; it begins with "operators:"`);
  refuseReservedKeys(document, spotAt);
  const value = toValue(document, name);
  const root = document.contents as Node;
  const odd = findJsonFault(value);
  if (odd !== undefined) throw spotAt(offsetOf(document, root, toPath(odd.pointer), "key")).fault(odd.detail);
  return {
    name,
    value,
    spot: (path) => spotAt(offsetOf(document, root, path, "value")),
    keySpot: (path) => spotAt(offsetOf(document, root, path, "key")),
    plainText: (path) => {
      const found = nodeAt(document, root, path).node;
      return isScalar(found) && found.type === Scalar.PLAIN && typeof found.source === "string" ? found.source : undefined;
    },
  };
}

/** The same for a value that did not come as YAML: what is wrong is told with a JSON pointer. @throws OpenVibeError OV_DEFINITION_INVALID */
export function sourceOfJson(value: unknown, name: string): YamlSource {
  const fault = findJsonFault(value);
  if (fault !== undefined) throw pointerSpot(name, fault.pointer).fault(fault.detail);
  const spot = (path: Path) => pointerSpot(name, path.map((part) => `/${pointerToken(String(part))}`).join(""));
  return { name, value, spot, keySpot: spot, plainText: () => undefined };
}

function parse(text: string, name: string): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false, version: "1.2", stringKeys: true });
  } catch (cause) {
    throw outright(`${name} is nested too deeply to be read`, cause);
  }
}

function toValue(document: Document.Parsed, name: string): unknown {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const bomb = cause instanceof Error && /excessive alias/i.test(cause.message);
    throw outright(
      bomb
        ? `${name} uses too many aliases: what they stand for may not grow beyond measure`
        : `${name} has an alias of itself, or of nothing; a text that begins with * is put in quotes`,
      cause,
    );
  }
  return value;
}

/** JSON pointers of what was YAML. */
function toPath(pointer: string): Path {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~")));
}

function refuseReservedKeys(document: Document.Parsed, spotAt: (offset: number) => Spot): void {
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === RESERVED_KEY)
        throw spotAt(key.range?.[0] ?? 0).fault(`the key ${RESERVED_KEY} is reserved by JavaScript; call it otherwise`);
    },
  });
}

/** The library's sentences may quote whole documents, in those of these kinds and behind a colon. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "begins a second document; a file holds one",
  TAG_RESOLVE_FAILED: "has a tag that YAML does not know; a text that begins with ! is put in quotes",
  BAD_DIRECTIVE: "has a directive that YAML does not know; a text that begins with % is put in quotes",
  BAD_DQ_ESCAPE: "has an escape that YAML does not know; in single quotes a backslash is itself",
  TAB_AS_INDENT: "has a tab in its indent; YAML indents with spaces only",
};

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

function sayOf({ code, message, pos }: Fault, text: string): string {
  if (code === "DUPLICATE_KEY") return sayTwice(text, pos[0]);
  return OWN_WORDS[code] ?? `is not valid YAML: ${message.split(/[:\n]/)[0]} (${code})`;
}

/** The library tells the second place only: the first is the nearest line above with that key at that indent. */
function sayTwice(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = offset - lineStart;
  const key = /^[^\s:,{}[\]]+/.exec(text.slice(offset))?.[0] ?? "";
  const earlier = text.slice(0, lineStart).split("\n");
  for (let line = earlier.length - 1; line >= 0 && key !== ""; line--) {
    const above = earlier[line] ?? "";
    if (above.slice(indent).startsWith(key) && /^[\s-]*$/.test(above.slice(0, indent)))
      return `says the key ${key} twice, first in line ${line + 1}`;
  }
  return `says the key ${key} twice`;
}

interface Found {
  readonly node: unknown;
  readonly key: Node | undefined;
}

/** Follows a path through the tree, aliases included; stops at what is there. */
function nodeAt(document: Document.Parsed, root: Node, path: Path): Found & { readonly whole: boolean } {
  let found: Found = { node: root, key: undefined };
  for (const part of path) {
    const next = step(isAlias(found.node) ? found.node.resolve(document) : found.node, part);
    if (next === undefined) return { ...found, whole: false };
    found = next;
  }
  return { ...found, whole: true };
}

function step(node: unknown, part: string | number): Found | undefined {
  if (isMap(node)) {
    const pair = (node as YAMLMap).items.find(
      (each): each is Pair<Scalar, Node> => isPair(each) && isScalar(each.key) && String(each.key.value) === String(part),
    );
    return pair === undefined ? undefined : { node: pair.value ?? pair.key, key: pair.key };
  }
  if (isSeq(node) && typeof part === "number") {
    const item = node.items[part];
    return item === undefined ? undefined : { node: item, key: undefined };
  }
  return undefined;
}

function offsetOf(document: Document.Parsed, root: Node, path: Path, what: "key" | "value"): number {
  const { node, key, whole } = nodeAt(document, root, path);
  const shown = what === "key" && whole && key !== undefined ? key : node;
  return (shown as Partial<Node> | undefined)?.range?.[0] ?? 0;
}

function outright(message: string, cause?: unknown): OpenVibeError {
  return new OpenVibeError("OV_DEFINITION_INVALID", message, cause === undefined ? {} : { cause });
}
