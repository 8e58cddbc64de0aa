import { isPlainObject } from "./json.ts";

/** What lies at a path of names, which go into objects by their own fields and into lists by numbers; `undefined` where nothing does. */
export function valueAt(value: unknown, names: readonly string[]): unknown {
  return names.reduce(own, value);
}

function own(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? (value as readonly unknown[])[Number(name)] : undefined;
  return isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
