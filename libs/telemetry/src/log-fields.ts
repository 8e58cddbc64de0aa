import { isOpenVibeError } from "@openvibe/core";
import { hideSecrets } from "./hide-secrets.ts";
import { DATA_KEY, LINE_KEYS, LOG_KEYS } from "./log-keys.ts";
import { toLoggedError } from "./logged-error.ts";

const ALLOWED: ReadonlySet<string> = new Set(LOG_KEYS.filter((key) => !LINE_KEYS.some((own) => own === key)));

/** Brings the fields of a line into the form that all lines have: known keys, one shape of error, no secret that can be known as one. */
export function toLogFields(given: object): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  let data: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (key === "err" || key === "error") {
      line.err = toLoggedError(value);
      if (isOpenVibeError(value)) line.code ??= value.code;
    } else if (key === DATA_KEY && isRecord(value)) data = { ...data, ...value };
    else if (ALLOWED.has(key)) line[key] = value;
    else data = { ...data, [key]: value };
  }
  if (data !== undefined && Object.keys(data).length > 0) line[DATA_KEY] = data;
  return hideSecrets(line) as Record<string, unknown>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
