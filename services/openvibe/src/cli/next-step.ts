import { isOpenVibeError, type ProblemCode } from "@openvibe/core";

const NEXT: Partial<Readonly<Record<ProblemCode, string>>> = {
  OV_UNAUTHENTICATED: "set OPENVIBE_API_KEY, or name a file that holds the key with --api-key-file",
  OV_FORBIDDEN: "use another key",
  OV_OPERATOR_NOT_FOUND: "see what there is with: openvibe operators",
  OV_RUN_NOT_FOUND: "see what there is with: openvibe runs ls",
  OV_KEY_NOT_FOUND: "see what there is with: openvibe context ls <bucket>",
  OV_REVISION_CONFLICT: "read it again with: openvibe context get --json",
};

/** What to do about an error, where its own words do not say so. */
export function nextStepOf(error: unknown): string {
  const next = isOpenVibeError(error) && !error.message.includes("did you mean") ? NEXT[error.code] : undefined;
  return next === undefined ? "" : `; ${next}`;
}
