import { isPlainObject, type JsonObject } from "./json.ts";

/** Whether an event's data has all the values of a trigger's filter, which go by their fields or by paths to them: `region`, `lead.region`, `tags.0`. */
export function passesFilter(filter: JsonObject, data: JsonObject): boolean {
  return Object.entries(filter).every(([path, value]) => valueAt(data, path) === value);
}

/** A field whose own name has dots goes before the path. */
function valueAt(data: JsonObject, path: string): unknown {
  if (Object.hasOwn(data, path)) return data[path];
  return path.split(".").reduce<unknown>(own, data);
}

function own(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? (value as readonly unknown[])[Number(name)] : undefined;
  return isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
