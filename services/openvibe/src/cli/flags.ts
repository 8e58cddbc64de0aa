/** Reads what was typed after a flag. A wrong value is a wrong use of the command (exit code 2), and the message says what is allowed. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Duration, type JsonObject, type JsonValue, parseDuration } from "@openvibe/core";
import { InvalidArgumentError } from "commander";
import { ROLES, type Role } from "../roles.ts";
import { didYouMean } from "./did-you-mean.ts";

function wholeNumber(least: number, most: number): (text: string) => string {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return text;
    throw new InvalidArgumentError(`Allowed is a whole number from ${least} to ${most}.`);
  };
}

export const parsePort = wholeNumber(0, 65_535);
export const parseReplicas = wholeNumber(1, 5);
export const parseLimit = wholeNumber(1, 200);

/** One of few words. */
export function oneOf(values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text)) return text;
    throw new InvalidArgumentError(`Allowed are ${values.join(", ")}${didYouMean(text, values)}`);
  };
}

export function parseRoles(text: string): readonly Role[] {
  return parseList(text).map((name) => {
    const role = ROLES.find((known) => known === name);
    if (role === undefined)
      throw new InvalidArgumentError(`${JSON.stringify(name)} is no role; there are ${ROLES.join(", ")}${didYouMean(name, ROLES)}`);
    return role;
  });
}

/** Names separated by commas; an empty one is for the reader of the list to refuse, who knows the names. */
export function parseList(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}

/** Adds `name=value` to those before it; the value is JSON where it can be read as such, else a text. */
export function parseSetting(text: string, before: JsonObject = {}): JsonObject {
  const [name, value] = parsePair(text, "field=value");
  try {
    return { ...before, [name]: JSON.parse(value) as JsonValue };
  } catch {
    return { ...before, [name]: value };
  }
}

/** Adds `step=model` to those before it. */
export function parseModel(text: string, before: JsonObject = {}): JsonObject {
  const [step, model] = parsePair(text, "step=model");
  return { ...before, [step]: model };
}

function parsePair(text: string, form: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InvalidArgumentError(`Allowed is ${form}.`);
}

/** Adds a file to those named before it. */
export function parseFile(file: string, before: readonly string[] = []): readonly string[] {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) throw new InvalidArgumentError(`There is no file ${resolve(file)}.`);
  return [...before, file];
}

/** @returns milliseconds */
export function parseTimeout(text: string): number {
  try {
    return parseDuration(text as Duration, "timeout");
  } catch {
    throw new InvalidArgumentError("Allowed is a duration such as 90s, 5m or 2h.");
  }
}

/** As {@link parseTimeout}; a server is not asked more often than ten times a second. */
export function parseEvery(text: string): number {
  const everyMs = parseTimeout(text);
  if (everyMs < 100) throw new InvalidArgumentError("Allowed is 100ms or longer.");
  return everyMs;
}

export function parseTypes(text: string): readonly string[] {
  const types = parseList(text);
  if (types.includes("")) throw new InvalidArgumentError("An event type is missing between commas.");
  return types;
}

/** A revision, with or without the quotes of an entity tag. @returns the entity tag */
export function parseRevision(text: string): string {
  const revision = /^"?(\d{1,15})"?$/.exec(text)?.[1];
  if (revision === undefined)
    throw new InvalidArgumentError("Allowed is a revision such as 15, as `openvibe context get --json` shows it.");
  return `"${revision}"`;
}

/** Gives the address without a slash at its end. */
export function parseServerUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && ["http:", "https:"].includes(url.protocol)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("Allowed is an address such as http://127.0.0.1:8000.");
}
