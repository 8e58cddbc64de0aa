import { nearestName, type OpenVibeError, type ProblemDetail } from "@openvibe/core";
import type { z } from "zod";
import { keysAt } from "./form-keys.ts";
import { meant } from "./field-uses.ts";
import { OperatorsForm } from "./form.ts";
import { KINDS } from "./kinds/index.ts";
import { type Path, valueAt, type YamlSource } from "./source.ts";

/** What zod says of several forms where we say nothing. */
const UNSAID = "Invalid input";

type Issue = z.core.$ZodIssue;

/**
 * Checks a text's form: keys, types, ids. Of several faults the first in the file is told, and how many there are.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function checkForm(source: YamlSource): OperatorsForm {
  if (Array.isArray(source.value))
    throw source.spot([]).fault('a list stands at the top; the file begins with "operators:", and the list stands below it');
  const result = OperatorsForm.safeParse(source.value);
  if (!result.success) throw theFirst(withoutEchoes(result.error.issues, [], source).flatMap((issue) => faultsOf(issue, [], source)));
  const form = result.data as unknown as OperatorsForm;
  refuseOddTexts(source, form, []);
  return form;
}

interface Fault {
  readonly line: number;
  readonly error: OpenVibeError;
}

function theFirst(errors: readonly OpenVibeError[]): OpenVibeError {
  const [first] = errors
    .map((error): Fault => ({ error, line: Number(/:(\d+):\d+ /.exec(error.message)?.[1] ?? 0) }))
    .sort((a, b) => a.line - b.line);
  const { error } = first as Fault;
  if (errors.length === 1) return error;
  const details: readonly ProblemDetail[] = errors.flatMap((each) => each.errors);
  return Object.assign(error, {
    message: `${error.message}${error.message.includes("\n") ? "\n  " : " "}(and ${errors.length - 1} more)`,
    errors: details,
  });
}

function faultsOf(issue: Issue, within: Path, source: YamlSource): readonly OpenVibeError[] {
  const path = [...within, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(path, source.value);
    return issue.keys.map((key) =>
      source.keySpot([...path, key]).fault(`there is no key ${JSON.stringify(key)} here; ${meant(key, allowed)}`),
    );
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0 && issue.message === UNSAID)
    return [theLikeliest(issue.errors, path, source)];
  if (issue.code === "invalid_key") return [source.keySpot(path).fault(issue.issues[0]?.message ?? issue.message)];
  return [source.spot(path).fault(say(issue, path, source))];
}

/** A misspelt key is missing as well: that is told once, where it stands. */
function withoutEchoes(issues: readonly Issue[], within: Path, source: YamlSource): readonly Issue[] {
  const misspelt = new Set(
    issues.flatMap((issue) => {
      if (issue.code !== "unrecognized_keys") return [];
      const allowed = keysAt([...within, ...(issue.path as (string | number)[])], source.value);
      return issue.keys.map((key) => JSON.stringify([...issue.path, nearestName(key, allowed)]));
    }),
  );
  return issues.filter((issue) => issue.code !== "invalid_type" || !misspelt.has(JSON.stringify(issue.path)));
}

/** The form that went furthest: it is the one that was meant. */
function theLikeliest(forms: readonly (readonly Issue[])[], path: Path, source: YamlSource): OpenVibeError {
  const depthOf = (issues: readonly Issue[]) =>
    Math.max(...issues.map((issue) => issue.path.length + (issue.code === "unrecognized_keys" ? 1 : 0)));
  const [likeliest = []] = [...forms].sort((a, b) => depthOf(b) - depthOf(a));
  return theFirst(withoutEchoes(likeliest, path, source).flatMap((issue) => faultsOf(issue, path, source)));
}

function say(issue: Issue, path: Path, source: YamlSource): string {
  const value = valueAt(source.value, path);
  const name = nameOf(path);
  if (issue.code === "invalid_union" && issue.errors.length === 0) return sayKind(value);
  if (issue.code !== "invalid_type")
    return `${name} ${issue.code === "custom" || issue.code === "invalid_union" || issue.code === "invalid_format" || issue.code === "too_small" ? issue.message : lower(issue.message)}`;
  if (value === undefined) return `${nameOf(path.slice(0, -1))} needs ${String(path.at(-1))}`;
  const given = Array.isArray(value)
    ? "a list"
    : value === null
      ? "empty"
      : typeof value === "object"
        ? "a mapping"
        : `${typeof value} ${source.plainText(path) ?? ""}`.trim();
  const quotes = issue.expected === "string" && typeof value !== "object" ? ": put it in quotes" : "";
  return `${name} must be ${WANTED[issue.expected] ?? issue.expected}, not ${given}${quotes}`;
}

const WANTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function sayKind(type: unknown): string {
  const kinds = Object.keys(KINDS);
  if (type === undefined) return `a node needs its type: ${kinds.join(", ")}`;
  return `there is no node of type ${JSON.stringify(type)}; ${typeof type === "string" ? (OTHER_WORDS[type] ?? meant(type, kinds)) : `allowed are ${kinds.join(", ")}`}`;
}

/** What the other spellings call them. */
const OTHER_WORDS: Readonly<Record<string, string>> = { node: "in YAML it is logic", branch: "in YAML it is conditional" };

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function nameOf(path: Path): string {
  const named = path.findLast((part) => typeof part === "string");
  return named === undefined ? "it" : typeof path.at(-1) === "number" ? `an entry of ${named}` : String(named);
}

const ODD = /^(y|n|yes|no|on|off)$/i;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}$/;

/** Where an id is meant, what other readers of YAML take for a truth value or a date must be in quotes. */
function refuseOddTexts(source: YamlSource, value: unknown, path: Path): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    const plain = key === "id" && typeof inner === "string" ? source.plainText(at) : undefined;
    if (plain !== undefined && (ODD.test(plain) || DATE.test(plain)))
      throw source
        .spot(at)
        .fault(
          `id must be a text: put ${plain} in quotes, as other readers of YAML take it for a ${DATE.test(plain) ? "date" : "truth value"}`,
        );
    refuseOddTexts(source, inner, at);
  }
}
