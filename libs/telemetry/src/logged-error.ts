import { isOpenVibeError } from "@openvibe/core";

const MAX_CAUSES = 4;

/** Code, sentence, stack and causes; not an error's other members, which may hold a run's data. What is no error is told as a message. */
export function toLoggedError(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: toText(thrown) };
  const vendorCode = (thrown as { readonly code?: unknown }).code;
  return {
    type: thrown.name,
    ...(isOpenVibeError(thrown) ? { code: thrown.code } : typeof vendorCode === "string" ? { code: vendorCode } : {}),
    message: thrown.message,
    stack: thrown.stack,
    ...(thrown.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: toLoggedError(thrown.cause, depth + 1) }),
  };
}

function toText(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}
