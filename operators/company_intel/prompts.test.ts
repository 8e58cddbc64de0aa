import { expect, test } from "vitest";
import { analyzePrompt, researchPrompt } from "./prompts.ts";

test("both prompts name the company, or Unknown", () => {
  expect(researchPrompt({ company_name: "Bob's Bakery" })).toContain("Bob's Bakery");
  expect(researchPrompt({ company_name: "" })).toContain("Unknown");
  expect(analyzePrompt({ company_name: "Bob's Bakery", research: "" })).toContain("Bob's Bakery");
  expect(analyzePrompt({ company_name: "", research: "" })).toContain("Unknown");
});

test("the analysis reads the research as it is, and asks for the four keys", () => {
  const prompt = analyzePrompt({ company_name: "Stripe", research: 'Line 1\n  "quoted" $& line 2' });

  expect(prompt).toContain('Line 1\n  "quoted" $& line 2');
  for (const key of ["prospect_quality", "reasoning", "pain_points", "approach_angle"]) expect(prompt).toContain(`"${key}"`);
});
