import type { OpenVibeError } from "@openvibe/core";
import type { Path, YamlSource } from "./source.ts";
import type { Spot } from "./spots.ts";

/** Ids are unique where they stand. @throws OpenVibeError OV_DEFINITION_INVALID with both places */
export function refuseTwice(items: readonly { readonly id: string }[], path: Path, what: string, source: YamlSource): void {
  const seen = new Map<string, Spot>();
  items.forEach(({ id }, index) => {
    const spot = source.spot([...path, index, "id"]);
    const other = seen.get(id);
    if (other !== undefined) throw twice(what, id, spot, other);
    seen.set(id, spot);
  });
}

export function twice(what: string, id: string, spot: Spot, other: Spot): OpenVibeError {
  return spot.fault(`there is ${what === "operator" ? "an" : "a"} ${what} ${id} already, at ${other.where}`);
}
