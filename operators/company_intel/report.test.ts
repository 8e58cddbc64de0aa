import { expect, test } from "vitest";
import { renderReport } from "./report.ts";

test("the report has its labelled lines, in order, each on its own line", () => {
  const report = renderReport({
    company_name: "Stripe",
    prospect_quality: "high",
    research: "Payments.\nBig.",
    analysis: '{"prospect_quality": "high"}',
  });

  expect(report.split("\n")).toEqual([
    "=== Company Intelligence Report ===",
    "Company: Stripe",
    "Prospect Quality: HIGH",
    "--- Research ---",
    "Payments.",
    "Big.",
    "--- Analysis ---",
    '{"prospect_quality": "high"}',
  ]);
});

test("a company without a name is reported as Unknown", () => {
  expect(renderReport({ company_name: "", prospect_quality: "medium", research: "", analysis: "" })).toContain("\nCompany: Unknown\n");
});
