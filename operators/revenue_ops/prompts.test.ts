import { expect, test } from "vitest";
import { SCORE_SYSTEM, scorePrompt } from "./prompts.ts";

const contact = { company: "Stripe", note: 'says "hi"\nand more', tags: ["a"] };

test("the prompt holds the contact and the company intelligence as JSON", () => {
  const prompt = scorePrompt({ enriched_data: contact, company_intel: { prospect_quality: "high" } });

  expect(prompt).toContain(JSON.stringify(contact));
  expect(prompt).toContain('{"prospect_quality":"high"}');
});

test("without company intelligence nothing of it is said", () => {
  expect(scorePrompt({ enriched_data: contact, company_intel: {} })).not.toMatch(/company intelligence/i);
});

test("the three scores, the reasoning and the four routes are asked for", () => {
  const asked = `${SCORE_SYSTEM}\n${scorePrompt({ enriched_data: {}, company_intel: {} })}`;

  for (const word of ["fit_score", "intent_score", "urgency_score", "reasoning", "sales", "nurture", "education", "disqualify"])
    expect(asked).toContain(word);
});
