import { nearestName } from "@openvibe/core";

/** `; did you mean completed?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearestName(name, known);
  return near === undefined ? "" : `; did you mean ${near}?`;
}
