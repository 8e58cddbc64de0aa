import { operator, workflow } from "openvibe";
import { z } from "zod";

const Lead = z.object({
  contactId: z.string().default(""),
  source: z.string().default(""),
  companyData: z.string().default(""),
  fitScore: z.number().default(0),
  intentScore: z.number().default(0),
  urgencyScore: z.number().default(0),
  compositeScore: z.number().default(0),
  route: z.string().default(""),
  crmUpdated: z.boolean().default(false),
});

const leadQualification = workflow("lead_qualification", { state: Lead, trigger: "webhook:hubspot_new_lead" })
  .llm("enrich", {
    model: "haiku",
    system: "You are a data enrichment specialist...",
    user: (s) => `Enrich this contact: ${s.contactId}`,
    output: "companyData",
  })
  .llm("score", {
    model: "sonnet",
    system: "You are a lead scoring expert...",
    user: (s) => `Score this lead:\n${s.companyData}`,
    outputs: ["fitScore", "intentScore", "urgencyScore"],
  })
  .branch(
    "route",
    (s) => {
      const score = s.fitScore * 0.4 + s.intentScore * 0.35 + s.urgencyScore * 0.25;
      return { route: score >= 80 ? "sales" : score >= 50 ? "nurture" : "educate", set: { compositeScore: score, route: "pending" } };
    },
    { sales: null, nurture: null, educate: null },
  )
  .node("update_crm", () => {
    // Your CRM is told here.
    return { crmUpdated: true };
  });

export default operator("revenue_ops", {
  name: "Revenue Operations",
  description: "Sales pipeline automation",
  workflows: [leadQualification],
});
