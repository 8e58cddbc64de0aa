/** What a caller prefers (RFC 7240). What is unknown or not understood is passed over, as the RFC asks. */
export interface Preferences {
  /** Seconds to wait for the end, at most 300; `undefined` where there is nothing to wait for. */
  readonly waitSeconds: number | undefined;
  readonly respondAsync: boolean;
}

export const MAX_WAIT_SECONDS = 300;

const NONE: Preferences = { waitSeconds: undefined, respondAsync: false };

export function parsePrefer(header: string | readonly string[] | undefined): Preferences {
  if (header === undefined) return NONE;
  let waitSeconds: number | undefined;
  let respondAsync = false;
  for (const preference of [header].flat().join(",").split(",")) {
    const [name = "", value = ""] = (preference.split(";", 1)[0] ?? "").split("=", 2).map((part) => part.trim());
    const text = value.replace(/^"(.*)"$/, "$1");
    if (name.toLowerCase() === "respond-async") respondAsync = true;
    // Of a preference that is given twice the first one counts.
    if (name.toLowerCase() === "wait" && waitSeconds === undefined && /^\d{1,9}$/.test(text))
      waitSeconds = Math.min(Number(text), MAX_WAIT_SECONDS);
  }
  return { waitSeconds: waitSeconds === 0 ? undefined : waitSeconds, respondAsync };
}

/** `Preference-Applied`: what was heeded. */
export function toPreferenceApplied({ waitSeconds, respondAsync }: Preferences, ended: boolean): string | undefined {
  const applied = [...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`]), ...(respondAsync && !ended ? ["respond-async"] : [])];
  return applied.length === 0 ? undefined : applied.join(", ");
}
