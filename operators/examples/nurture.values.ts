import { operator, sleep, workflow } from "openvibe";
import { z } from "zod";

const Lead = z.object({
  contactId: z.string().default(""),
  companyData: z.string().default(""),
  engagementScore: z.number().default(0),
  message: z.string().default(""),
  decision: z.string().default(""),
  notes: z.string().default(""),
});

const nurtureSequence = workflow("nurture_sequence", { state: Lead, trigger: "event:lead.qualified", durable: { maxDays: 14 } })
  .llm("assess_lead", {
    model: "sonnet",
    user: (s) => `How engaged is this lead, from 0 to 100?\n${s.companyData}`,
    outputs: ["engagementScore", "notes"],
  })
  .llm("generate_touch", {
    model: "sonnet",
    user: (s) => `Write to ${s.contactId}. What we know: ${s.notes}`,
    output: "message",
  })
  .node("wait_for_engagement", () => sleep("3d")) // three days pass; no worker is held meanwhile
  .human("sales_review", {
    timeout: "24h",
    prompt: "Lead replied. Review and decide: continue or handoff?",
    answer: ["decision", "notes"],
  })
  .branch("evaluate", (s) => (s.engagementScore > 70 ? "upgrade" : s.engagementScore > 30 ? "continue" : "archive"), {
    upgrade: null,
    continue: null,
    archive: null,
  });

export default operator("revenue_ops", { name: "Revenue Operations", workflows: [nurtureSequence] });
