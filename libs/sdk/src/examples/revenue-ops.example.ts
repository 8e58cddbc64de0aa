import { z } from "zod";
import { operator, workflow } from "../index.ts";

const score = z.int().min(0).max(100).default(0);
const Lead = z.object({
  contactId: z.string().default(""),
  companyData: z.string().default(""),
  message: z.string().default(""),
  notes: z.string().default(""),
  fitScore: score,
  intentScore: score,
  urgencyScore: score,
  compositeScore: z.number().default(0),
  engagementScore: z.number().default(0),
  crmUpdated: z.boolean().default(false),
  route: z.enum(["pending", "sales", "nurture", "educate"]).default("pending"),
  decision: z.enum(["continue", "handoff"]).default("continue"),
});

const leadQualification = workflow("lead_qualification", { state: Lead, trigger: "webhook:hubspot_new_lead" })
  .llm("enrich", {
    model: "haiku",
    system: "You are a data enrichment specialist.",
    user: (s) => `Enrich this contact: ${s.contactId}`,
    output: "companyData", // text answer -> one string field
  })
  .llm("score", {
    model: "sonnet",
    system: "You are a lead scoring expert.",
    user: (s) => `Score this lead:\n${s.companyData}`,
    outputs: ["fitScore", "intentScore", "urgencyScore"], // JSON answer; its schema is picked from the state
  })
  .node("weigh", (s) => ({ compositeScore: s.fitScore * 0.4 + s.intentScore * 0.35 + s.urgencyScore * 0.25 }))
  .branch("route", (s) => (s.compositeScore >= 80 ? "sales" : s.compositeScore >= 50 ? "nurture" : "educate"), {
    sales: (b) => b.node("call_sales", () => ({ route: "sales" })),
    nurture: (b) =>
      b.node("start_nurture", async (s, ctx) => {
        await ctx.publish("lead.qualified", { contactId: s.contactId });
        return { route: "nurture" };
      }),
    educate: null, // straight on
  })
  .node("update_crm", async () => ({ crmUpdated: true })); // every branch rejoins here

const nurtureSequence = workflow("nurture_sequence", { state: Lead, trigger: "event:lead.qualified" })
  .llm("assess_lead", { model: "sonnet", user: (s) => `Assess:\n${s.companyData}`, outputs: ["engagementScore", "notes"] })
  .llm("generate_touch", { model: "sonnet", user: (s) => `Write to ${s.contactId}`, output: "message" })
  .branch("evaluate", (s) => (s.engagementScore > 70 ? "upgrade" : s.engagementScore > 30 ? "continue" : "archive"), {
    upgrade: (b) => b.node("hand_off", () => ({ route: "sales" })),
    continue: null,
    archive: (b) => b.node("archive", () => ({ route: "educate" })),
  });

export const revenueOps = operator("revenue_ops", { name: "Revenue Operations", workflows: [leadQualification, nurtureSequence] });
