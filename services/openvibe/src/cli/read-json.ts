import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type JsonValue, messageOf, OpenVibeError, parseStrictJson } from "@openvibe/core";

/** JSON as it is typed: itself, `@file`, or `-` for standard input. `name` is how an error speaks of it. */
export async function readJson(given: string, name: string): Promise<JsonValue> {
  return parseStrictJson(await readText(given, name), name);
}

async function readText(given: string, name: string): Promise<string> {
  if (given === "-") return await text(process.stdin);
  if (!given.startsWith("@")) return given;
  return await readFile(given.slice(1), "utf8").catch((cause: unknown) => {
    throw new OpenVibeError("OV_PARAMETER_INVALID", `${name} cannot be read: ${messageOf(cause)}`, { cause });
  });
}
