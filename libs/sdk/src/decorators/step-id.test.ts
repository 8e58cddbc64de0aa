import { expect, test } from "vitest";
import { toStepId } from "./step-id.ts";

test.each([
  ["sayHello", "say_hello"],
  ["say_hello", "say_hello"],
  ["enrich", "enrich"],
  ["updateCRM", "update_crm"],
  ["parseHTMLPage", "parse_html_page"],
  ["step2Of3", "step2_of3"],
  ["_private", "_private"], // which is refused as an id, with what is allowed
])("the method %s is the step %s", (method, id) => {
  expect(toStepId(method)).toBe(id);
});
