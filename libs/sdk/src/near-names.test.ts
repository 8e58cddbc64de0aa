import { expect, test } from "vitest";
import { nearestName } from "./near-names.ts";

test.each([
  ["crmUpdated", "crm_updated"],
  ["fit_scor", "fit_score"],
  ["tag", "tags"],
  ["compsite_score", "composite_score"],
  ["weather", undefined],
  ["x", undefined],
])("%s is near %s", (name, near) => {
  expect(nearestName(name, ["crm_updated", "fit_score", "tags", "composite_score"])).toBe(near);
});
