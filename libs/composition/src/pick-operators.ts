import { nearestName, OpenVibeError, type OperatorDefinition, type ProblemCode } from "@openvibe/core";

/** Who named the ids: a message begins with it, and a wrong flag is not the same as a wrong environment. */
export interface IdSource {
  readonly name: string;
  readonly code: ProblemCode;
}

const ENVIRONMENT: IdSource = { name: "OPENVIBE_OPERATORS", code: "OV_CONFIG_INVALID" };

/**
 * The operators with these ids, in their order.
 * @throws OpenVibeError with the source's code when an id is empty, doubled or unknown; the message lists what there is
 */
export function pickOperators(
  found: readonly OperatorDefinition[],
  ids: readonly string[],
  source: IdSource = ENVIRONMENT,
): readonly OperatorDefinition[] {
  const known = found.map(({ manifest }) => manifest.id);
  const wrong = (detail: string) => new OpenVibeError(source.code, `${source.name}: ${detail}; there are ${known.join(", ") || "none"}`);
  return ids.map((id, index) => {
    if (id === "") throw wrong("an operator without a name");
    if (ids.indexOf(id) !== index) throw wrong(`operator ${id} is named twice`);
    const definition = found.find(({ manifest }) => manifest.id === id);
    if (definition === undefined) throw wrong(`there is no operator ${JSON.stringify(id)}${meant(id, known)}`);
    return definition;
  });
}

function meant(id: string, known: readonly string[]): string {
  const near = nearestName(id, known);
  return near === undefined ? "" : ` (did you mean ${JSON.stringify(near)}?)`;
}
