import { ANALYZE_SYSTEM, RESEARCH_SYSTEM } from "../company_intel/prompts.ts";
import { SCORE_SYSTEM } from "../revenue_ops/prompts.ts";
import { DEMO_LEADS, type DemoLead } from "./demo-leads.ts";

export { DEMO_CONTACTS, DEMO_LEADS, type DemoLead } from "./demo-leads.ts";

export interface ScriptedPrompt {
  readonly model: string;
  readonly system?: string | undefined;
  readonly user: string;
}

/**
 * Plays the model for our operators: the same prompt has the same reply, whatever the model. A step is known by its system prompt, a lead by the
 * e-mail address in its record; a lead that nobody knows goes to education.
 * @example `createScripted(scriptedReply)` in this process, `startAnthropicLoopback({ reply: scriptedReply })` for many
 */
export function scriptedReply({ system, user }: ScriptedPrompt): string {
  switch (system) {
    case RESEARCH_SYSTEM:
      return `${companyIn(user)} sells payments software to businesses of every size. It leads its market and hires in revenue operations.`;
    case ANALYZE_SYSTEM:
      return JSON.stringify(analysisOf(companyIn(user)));
    case SCORE_SYSTEM:
      return fenced(scoreOf(user));
    default:
      return "Hello from the script!";
  }
}

function companyIn(prompt: string): string {
  return /^Company: (.*)$/m.exec(prompt)?.[1] ?? "";
}

function analysisOf(company: string) {
  return {
    prospect_quality: company === "Stripe" ? "high" : "medium",
    reasoning: `${company} has the size and the need.`,
    pain_points: ["slow hand-over of leads"],
    approach_angle: "Show one workflow that runs by itself.",
  };
}

function scoreOf(prompt: string) {
  const leads: readonly DemoLead[] = Object.values(DEMO_LEADS);
  const lead = leads.find(({ contact }) => prompt.includes(`"${contact.email}"`));
  const score = lead?.score ?? { fit_score: 30, intent_score: 30, urgency_score: 30 };
  return { ...score, reasoning: "Played by the script.", route: "nurture" };
}

/** In a fence, as models often do. */
function fenced(value: object): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}
