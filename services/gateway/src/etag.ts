import { hash } from "node:crypto";
import { parameterInvalid } from "@openvibe/http";

/** A revision as a strong entity tag. */
export function toEtag(revision: number): string {
  return `"${revision}"`;
}

/** What is shown, as a weak entity tag: compression on the way may change the bytes, not what they say. */
export function toWeakEtag(text: string): string {
  return `W/"${hash("sha256", text, "base64url").slice(0, 22)}"`;
}

export interface EntityTags {
  /** `*`. */
  readonly any: boolean;
  /** Whether one of the tags is this one; weak or not makes no difference. */
  matches(etag: string): boolean;
}

/** What a header of entity tags may be, for the OpenAPI document. */
export const ENTITY_TAGS = { type: "string", pattern: '^(\\*|(W/)?"[^"]*"( *, *(W/)?"[^"]*")*)$' };
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
  const tags = (text.match(/(?:W\/)?"[^"]*"/g) ?? []).filter((tag) => !strong || !tag.startsWith("W/")).map(opaqueOf);
  return { any: false, matches: (etag) => tags.includes(opaqueOf(etag)) };
}

const opaqueOf = (tag: string) => tag.replace(/^W\//, "");
