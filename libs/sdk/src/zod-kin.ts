/**
 * Makes schemas out of the author's own, with the zod that made those: the sdk loads none itself. So `import "openvibe"` does not cost what loading
 * zod costs, and an author's zod is the only one whatever its version. Types come from zod, values do not.
 */
import type { z } from "zod";

/** An object of these fields, made by the zod that made `kin`. */
export function objectLike(kin: z.ZodObject, shape: z.core.$ZodLooseShape): z.ZodObject {
  return kin.clone({ type: "object", shape }) as z.ZodObject;
}

/** The same kind of wrapper (optional, nullable, readonly) around another schema, with the wrapper's description. */
export function wrapLike(kin: z.core.$ZodType, inner: z.core.$ZodType): z.ZodType {
  const { def, constr } = kin._zod;
  return describedLike(kin, new constr({ ...def, innerType: inner }));
}

export function describedLike(kin: z.core.$ZodType, schema: z.core.$ZodType): z.ZodType {
  const { description } = kin as z.ZodType;
  return description === undefined ? (schema as z.ZodType) : (schema as z.ZodType).describe(description);
}
