import { parameterInvalid } from "@openvibe/http";

/** A revision as a strong entity tag. */
export function toEtag(revision: number): string {
  return `"${revision}"`;
}

export interface EntityTags {
  /** `*`. */
  readonly any: boolean;
  /** Whether one of the tags names this revision. */
  matches(revision: number): boolean;
}

const TAGS = /^(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*$/;

/**
 * Reads `If-Match` (`strong`: a weak tag never matches) or `If-None-Match` (RFC 9110 §13.1); `undefined` where it is not given.
 * @throws OpenVibeError OV_PARAMETER_INVALID naming the header
 */
export function parseEntityTags(header: string | undefined, name: string, strong: boolean): EntityTags | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (text === "*") return { any: true, matches: () => true };
  if (!TAGS.test(text))
    throw parameterInvalid(name, `is ${JSON.stringify(text.slice(0, 80))}; allowed are * and entity tags such as "42", quotes included`);
  const tags = (text.match(/(?:W\/)?"[^"]*"/g) ?? []).filter((tag) => !strong || !tag.startsWith("W/")).map((tag) => tag.replace("W/", ""));
  return { any: false, matches: (revision) => tags.includes(toEtag(revision)) };
}
