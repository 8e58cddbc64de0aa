import { isPlainObject, OpenVibeError, type ProblemCode } from "@openvibe/core";

/** The fields of a JSON body, none of them unknown. `example` shows what is expected. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD */
export function parseFields<Name extends string>(
  body: unknown,
  names: readonly Name[],
  example: string,
): Readonly<Partial<Record<Name, unknown>>> {
  if (!isPlainObject(body)) throw wrongField("", `expected an object such as ${example}`);
  const odd = Object.keys(body).find((field) => !(names as readonly string[]).includes(field));
  if (odd !== undefined) throw wrongField(`/${odd.slice(0, 80)}`, `unknown field; allowed are ${names.join(", ")}`, "OV_UNKNOWN_FIELD");
  return body as Partial<Record<Name, unknown>>;
}

/** Whoever sends something would believe that it counts. `why` completes the sentence "send no body, or {}". @throws OpenVibeError OV_REQUEST_INVALID */
export function refuseBody(body: unknown, why: string): void {
  if (body === undefined || (isPlainObject(body) && Object.keys(body).length === 0)) return;
  throw new OpenVibeError("OV_REQUEST_INVALID", `${why}: send no body, or {}`);
}

export function wrongField(pointer: string, detail: string, code: ProblemCode = "OV_REQUEST_INVALID"): OpenVibeError {
  return new OpenVibeError(code, `${pointer === "" ? "the body" : pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
