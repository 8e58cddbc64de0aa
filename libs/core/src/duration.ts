import { OpenVibeError } from "./problems.ts";
import { shown } from "./shown.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_MS = 366 * UNITS.d;

/** A time span: `"90s"`, `"5m"`, `"3d"`, or milliseconds as a number. At most 366 days. */
export type Duration = `${number}${keyof typeof UNITS}` | number;

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function parseDuration(value: Duration, what: string): number {
  const ms = typeof value === "number" ? value : toMs(value);
  if (!Number.isFinite(ms) || ms <= 0 || ms > MAX_MS) {
    throw new OpenVibeError(
      "OV_DEFINITION_INVALID",
      `${what}: ${shown(value)} is no duration; allowed is "500ms", "90s", "5m", "24h", "42d" above 0 and up to 366d, or milliseconds as a number`,
    );
  }
  return ms;
}

function toMs(text: unknown): number {
  const match = typeof text !== "string" ? null : /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
