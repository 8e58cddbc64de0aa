import { isPlainObject, OpenVibeError } from "@openvibe/core";
import { isMap, isNode, isPair, isScalar, LineCounter, type Node, type ParsedNode, parseDocument, type YAMLMap } from "yaml";
import type { ReadConfigFile } from "./config-file.ts";

/**
 * A mapping of YAML 1.2 (JSON is one, too) and where each of its entries stands. Warnings, such as a tag nobody knows, count as errors.
 * @throws OpenVibeError OV_CONFIG_INVALID with line and column, never with what stands there: it may be a secret
 */
export function parseYaml(text: string, name: string): Pick<ReadConfigFile, "values" | "placeOf"> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", stringKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw wrong(`${at(fault.pos[0])} ${sayOf(fault)}`);
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null))
    throw wrong(`${at(contents.range[0])} must be a mapping, such as "port: 8000"`);

  let values: unknown;
  try {
    values = document.toJS() ?? {};
  } catch (cause) {
    throw wrong(`${name} uses too many aliases, or one that is not there; a text that begins with * is put in quotes`, cause); // the billion laughs, for one
  }
  if (!isPlainObject(values)) throw wrong(`${name} must be a mapping, such as "port: 8000"`);
  return {
    values,
    placeOf(path) {
      const offset = isMap(contents) ? offsetOf(contents, path) : undefined;
      return offset === undefined ? name : at(offset);
    },
  };
}

/** Where the value at the path begins; of the value for a setting itself, where its key begins. */
function offsetOf(contents: YAMLMap<ParsedNode, ParsedNode | null>, path: readonly PropertyKey[]): number | undefined {
  const [first] = path;
  const key = contents.items.find((pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === first)?.key;
  const deep = path.length > 1 ? contents.getIn(path, true) : undefined;
  return (isNode(deep) ? (deep as Node).range?.[0] : undefined) ?? key?.range?.[0];
}

/** The library's sentences may quote the text, in those of these kinds and behind a colon. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "says the same key twice",
  MULTIPLE_DOCS: "begins a second document; a file holds one",
  TAG_RESOLVE_FAILED: "has a tag that YAML does not know; a text that begins with ! is put in quotes",
  BAD_DIRECTIVE: "has a directive that YAML does not know; a text that begins with % is put in quotes",
  BAD_DQ_ESCAPE: "has an escape that YAML does not know; in single quotes a backslash is itself",
};

function sayOf({ code, message }: { readonly code: string; readonly message: string }): string {
  return OWN_WORDS[code] ?? `is not valid YAML: ${message.split(/[:\n]/)[0]} (${code})`;
}

function wrong(message: string, cause?: unknown): OpenVibeError {
  return new OpenVibeError("OV_CONFIG_INVALID", message, cause === undefined ? {} : { cause });
}
