import type { JsonObject } from "./json.ts";
import { valueAt } from "./value-at.ts";

/** Whether an event's data has all the values of a trigger's filter, which go by their fields or by paths to them: `region`, `lead.region`, `tags.0`. */
export function passesFilter(filter: JsonObject, data: JsonObject): boolean {
  return Object.entries(filter).every(([path, value]) => fieldAt(data, path) === value);
}

/** A field whose own name has dots goes before the path. */
function fieldAt(data: JsonObject, path: string): unknown {
  return Object.hasOwn(data, path) ? data[path] : valueAt(data, path.split("."));
}
