import { isId, nearestName, OpenVibeError } from "@openvibe/core";

/** An error of the author's, found at load. `at` names the place: `operator a, workflow b, step c`. */
export function definitionFault(at: string, what: string, cause?: unknown): OpenVibeError {
  return new OpenVibeError("OV_DEFINITION_INVALID", `${at}: ${what}`, cause === undefined ? {} : { cause });
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function checkId(id: unknown, at: string): void {
  if (isId(id)) return;
  throw definitionFault(at, "an id is 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit");
}

/** Options come from people: a misspelt one must not be passed over in silence. @throws OpenVibeError OV_DEFINITION_INVALID */
export function checkOptions(options: unknown, allowed: readonly string[], at: string): void {
  if (typeof options !== "object" || options === null) throw definitionFault(at, `options are missing; allowed are ${allowed.join(", ")}`);
  for (const key of Object.keys(options)) {
    if (allowed.includes(key)) continue;
    const near = nearestName(key, allowed);
    throw definitionFault(
      at,
      `there is no option "${key}"${near === undefined ? `; allowed are ${allowed.join(", ")}` : `: did you mean "${near}"?`}`,
    );
  }
}

/** How a place names something that may not even be a text. */
export function shown(name: unknown): string {
  if (isId(name)) return name;
  return typeof name === "string" ? JSON.stringify(name.slice(0, 80)) : `(${name === null ? "null" : typeof name})`;
}
