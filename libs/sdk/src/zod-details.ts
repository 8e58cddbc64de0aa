import { type ProblemDetail, pointerToken } from "@openvibe/core";
import type { z } from "zod";

/** Zod's issues as JSON pointers with what is wrong there. */
export function toDetails(issues: readonly z.core.$ZodIssue[], base = ""): ProblemDetail[] {
  return issues.flatMap((issue) => {
    const pointer = base + issue.path.map((key) => `/${pointerToken(typeof key === "number" ? key : String(key))}`).join("");
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => ({ pointer: `${pointer}/${pointerToken(key)}`, detail: "is not allowed here" }));
      case "invalid_union":
        return [{ pointer, detail: describeUnion(issue) }];
      default:
        return [{ pointer, detail: issue.message }];
    }
  });
}

/** Zod says no more than "Invalid input" of a union: whoever must repair it needs to know the forms. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion): string {
  const forms = issue.errors.map(([first]) => first?.message).filter((message) => message !== undefined);
  return forms.length === 0 ? issue.message : `${issue.message}: ${[...new Set(forms)].slice(0, 4).join("; or: ")}`;
}

const SHOWN = 10;

export function describeDetails(details: readonly ProblemDetail[]): string {
  const listed = details.slice(0, SHOWN).map(({ pointer, detail }) => `${pointer === "" ? "the whole" : pointer}: ${detail}`);
  return details.length > SHOWN ? `${listed.join("; ")}; and ${details.length - SHOWN} more` : listed.join("; ");
}
