import { persistOn } from "../patience.ts";
import { isPassing, toBusError } from "./errors.ts";
import type { Link } from "./link.ts";

/** Runs `work` until it goes well, fails for good, or patience is over. Only for what may be done twice. @throws OpenVibeError OV_BUS_UNAVAILABLE, and what `work` means */
export function persist<T>(link: Link, what: string, work: () => Promise<T>, passing: (error: unknown) => boolean = isPassing): Promise<T> {
  return persistOn(link, what, work, { passing, toError: toBusError });
}
