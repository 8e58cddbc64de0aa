import { expect, test } from "vitest";
import { preferType } from "./prefer-type.ts";

const OFFERED = ["text/vnd.mermaid", "application/json", "text/plain"] as const;

test.each<[string | undefined, string | undefined]>([
  [undefined, "text/vnd.mermaid"],
  ["", "text/vnd.mermaid"],
  ["*/*", "text/vnd.mermaid"],
  ["application/json", "application/json"],
  ["Application/JSON; charset=utf-8", "application/json"],
  ["text/plain, application/json;q=0.9", "text/plain"],
  ["text/*;q=0.5, application/json", "application/json"],
  ["text/html, application/xhtml+xml, */*;q=0.8", "text/vnd.mermaid"],
  ["text/*, text/vnd.mermaid;q=0", "text/plain"],
  ["image/png", undefined],
  ["*/*;q=0", undefined],
  ["application/json;q=x", undefined],
])("Accept: %s prefers %s", (accept, expected) => {
  expect(preferType(accept, OFFERED)).toBe(expected);
});
