import { transformJSONSchema } from "@anthropic-ai/sdk/lib/transform-json-schema";
import { isPlainObject, type JsonSchema } from "@openvibe/core";

/**
 * A JSON Schema in the vendor's subset: limits it does not know become words in the description (so the caller checks the reply all the
 * same), and objects are closed. `undefined` when closing would change the meaning, as for a map of free keys, or when a part says nothing
 * about its type.
 * @see https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function toEnforceable(schema: JsonSchema): JsonSchema | undefined {
  if (schema.type !== "object" || !isClosable(schema)) return undefined;
  try {
    return transformJSONSchema(schema as Parameters<typeof transformJSONSchema>[0]);
  } catch {
    return undefined; // the SDK's function met a part without a type
  }
}

function isClosable(part: unknown): boolean {
  if (Array.isArray(part)) return part.every(isClosable);
  if (!isPlainObject(part)) return true;
  const { additionalProperties: more, patternProperties, propertyNames, $ref, type } = part;
  if (patternProperties !== undefined || propertyNames !== undefined || isPlainObject(more)) return false;
  if (type === "object" && !isPlainObject(part.properties) && more !== false) return false;
  if (Array.isArray(type) && type.includes("object")) return false;
  // The vendor refuses recursion. Only a reference to the top is seen as one here; a deeper one is refused by the vendor itself.
  if ($ref === "#") return false;
  return Object.entries(part).every(([keyword, value]) => DATA_KEYWORDS.has(keyword) || isClosable(value));
}

/** Their values are examples of data, not schemas. */
const DATA_KEYWORDS = new Set(["const", "enum", "default", "examples"]);
