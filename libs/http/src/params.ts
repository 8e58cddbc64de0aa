import { OpenVibeError, parseId } from "@openvibe/core";

/**
 * Checks the ids of a path before anything is done with them: `parseParams(request.params, { operator_id: "operator" })`.
 * @throws OpenVibeError OV_ID_INVALID, naming the word given here
 */
export function parseParams<Name extends string>(params: unknown, names: Readonly<Record<Name, string>>): Readonly<Record<Name, string>> {
  const given = params as Readonly<Record<string, unknown>>;
  const ids: Partial<Record<Name, string>> = {};
  for (const name in names) ids[name] = parseId(given[name], names[name]);
  return ids as Record<Name, string>;
}

/** A path parameter that has a rule of its own. @throws OpenVibeError OV_ID_INVALID */
export function pathText(params: unknown, name: string): string {
  const value = (params as Readonly<Record<string, unknown>>)[name];
  if (typeof value === "string") return value;
  throw new OpenVibeError("OV_ID_INVALID", `the address lacks its ${name}`);
}
