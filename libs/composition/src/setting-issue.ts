import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** Where in a setting's value something is wrong, and a message that begins with "must" or "has". */
export interface SettingIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a value that may have several forms, tells what is wrong with the form that was meant. */
export function firstIssue([issue]: readonly Issue[]): SettingIssue {
  if (issue === undefined) return { path: [], message: "is wrong" };
  if (issue.code === "unrecognized_keys")
    return { path: issue.path, message: `has no ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}` };
  if (issue.code !== "invalid_union") return issue;
  const meant = issue.errors.find(([first]) => first !== undefined && !(first.code === "invalid_type" && first.path.length === 0));
  if (meant === undefined) return issue;
  const { path, message } = firstIssue(meant);
  return { path: [...issue.path, ...path], message };
}
