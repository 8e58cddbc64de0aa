import { messageOf, OpenVibeError, type RunId } from "@openvibe/core";

/** JSON text as it is kept: `\u0000` and lone surrogates stay escapes, so that every database takes them. @throws OpenVibeError OV_RUN_UNSTORABLE */
export function toJson(value: unknown, runId: RunId, what: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new OpenVibeError("OV_RUN_UNSTORABLE", `run ${runId}: its ${what} is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (text === undefined) throw new OpenVibeError("OV_RUN_UNSTORABLE", `run ${runId}: its ${what} is not JSON: a ${typeof value}`);
  return text;
}
