/** Operators that came over HTTP: one a document, no files, no environment; kept as data, and compiled anew by every worker. */
import { createHash } from "node:crypto";
import { canonicalJson, isPlainObject, type JsonValue, type OperatorDefinition, OpenVibeError, parseStrictJson } from "@openvibe/core";
import { readOperators } from "./operators-text.ts";
import { fillEnvironment } from "./environment.ts";
import type { HandlerTable, LogicHandler } from "./handlers.ts";
import { readYaml, sourceOfJson, type YamlSource } from "./source.ts";

/** What is kept of a posted operator: enough to run it anywhere. */
export interface PostedOperator {
  /** Canonical JSON of the operator as it was written: spaces, comments and the order of keys count for nothing. */
  readonly source: string;
  readonly definition: OperatorDefinition;
}

const NAME = "the document";

/**
 * Reads a posted document: `operators:` with one entry, or the operator itself. `handlers` are the logic nodes that are known, by their keys.
 * @throws OpenVibeError OV_DEFINITION_INVALID: of YAML with line and column, of JSON with pointers
 */
export function readPosted(body: { readonly yaml: string } | { readonly json: unknown }, handlers: Iterable<string>): PostedOperator {
  const read = "yaml" in body ? readYaml(body.yaml, NAME) : sourceOfJson(body.json, NAME);
  const table = new Map([...handlers].map((key) => [key, elsewhere]));
  return toPosted(oneOperator(read), table);
}

/** What `readPosted` kept, ready to run. @throws OpenVibeError OV_DEFINITION_INVALID where a handler is not here */
export function compilePosted(source: string, handlers: HandlerTable): OperatorDefinition {
  return toPosted(oneOperator(sourceOfJson(parseStrictJson(source, "the kept operator"), "the kept operator")), handlers).definition;
}

const elsewhere: LogicHandler = () => {
  throw new OpenVibeError("OV_INTERNAL", "this handler is at a worker");
};

function toPosted(source: YamlSource, handlers: HandlerTable): PostedOperator {
  const [definition] = readOperators(fillEnvironment(source, undefined)).compile({ prompts: new Map(), handlers });
  if (definition === undefined) throw source.spot([]).fault("holds no operator");
  const kept = canonicalJson((source.value as { readonly operators: readonly [JsonValue] }).operators[0]);
  return { source: kept, definition: Object.freeze({ ...definition, version: versionOf(definition, kept) }) };
}

/** Of the manifest and of what it does not hold: prompts and conditions. */
function versionOf({ manifest }: OperatorDefinition, source: string): string {
  return createHash("sha256").update(canonicalJson(manifest)).update("\n").update(source).digest("hex").slice(0, 16);
}

function oneOperator(source: YamlSource): YamlSource {
  const { value } = source;
  if (!isPlainObject(value)) throw source.spot([]).fault("must be a mapping: an operator, or operators with one entry");
  if (!("operators" in value)) {
    // Places are those of the document, which begins two steps further in than the form does.
    const shifted = (path: readonly (string | number)[]) => path.slice(2);
    return {
      ...source,
      value: { operators: [value] },
      spot: (path) => source.spot(shifted(path)),
      keySpot: (path) => source.keySpot(shifted(path)),
      plainText: (path) => source.plainText(shifted(path)),
    };
  }
  if (Array.isArray(value.operators) && value.operators.length > 1)
    throw source.spot(["operators", 1]).fault("a document registers one operator: send the others by themselves");
  return source;
}
