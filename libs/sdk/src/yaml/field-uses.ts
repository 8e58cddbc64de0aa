import { nearestName } from "@openvibe/core";
import type { Spot } from "./spots.ts";

/** How a field is used: put into a text, compared with a text, number or truth value, or otherwise. */
export type UsedAs = "shown" | "text" | "number" | "boolean" | "any";

interface Use {
  readonly field: string;
  readonly as: UsedAs;
  readonly spot: Spot;
}

interface Write {
  readonly field: string;
  /** As it stands in a `state:` block; `undefined` where the type is not known. */
  readonly type: unknown;
  readonly spot: Spot;
}

/** Which state fields a workflow's nodes read and write, in the order of the file. */
export class FieldUses {
  readonly reads: Use[] = [];
  readonly writes: Write[] = [];

  read(field: string, as: UsedAs, spot: Spot): void {
    this.reads.push({ field, as, spot });
  }

  write(field: string, type: unknown, spot: Spot): void {
    this.writes.push({ field, type, spot });
  }

  /** Against a state that is declared. @throws OpenVibeError OV_DEFINITION_INVALID with the nearest field */
  check(declared: ReadonlyMap<string, UsedAs>): void {
    for (const { field, spot } of [...this.reads, ...this.writes])
      if (!declared.has(field))
        throw spot.fault(`${JSON.stringify(field)} is not a field of the state; ${meant(field, [...declared.keys()])}`);
    for (const { field, as, spot } of this.reads) {
      const type = declared.get(field);
      if (as === "shown" || as === "any" || type === "any" || type === as) continue;
      throw spot.fault(`the field ${field} is a ${type}, and is used as a ${as}`);
    }
  }
}

/** `did you mean "x"?`, else what is allowed. */
export function meant(given: string, allowed: readonly string[]): string {
  const near = nearestName(given, allowed);
  return near === undefined ? `allowed are ${allowed.join(", ") || "none"}` : `did you mean ${JSON.stringify(near)}?`;
}
