/** The original design's nurture sequence, for the tests of the test kit: two model steps, three days, a question to people, a branch. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Lead = z.object({
  email: z.string().default(""),
  fit: z.number().default(0),
  touch: z.string().default(""),
  company: z.string().default(""),
  engagement: z.number().default(0),
  decision: z.enum(["continue", "handoff"]).default("continue"),
  stage: z.string().default(""),
});

const sequence = workflow("sequence", { state: Lead, trigger: "event:lead.qualified", durable: { maxDays: 14 } })
  .llm("assess_lead", { model: "sonnet", user: (s) => `Assess ${s.email}`, outputs: ["fit"] })
  .llm("generate_touch", { model: "sonnet", user: (s) => `Write to ${s.email}, whose fit is ${s.fit}`, output: "touch" })
  .node("send_touch", (s, ctx) => {
    ctx.publish("lead.touched", { email: s.email });
  })
  .wait("wait_for_engagement", "3d")
  .node("look_up", async (s, ctx) => {
    const company = await ctx.ask<string>("company_intel.name", { email: s.email });
    await ctx.context("context-leads").put(s.email.replace("@", "="), { company });
    return { company, engagement: s.fit };
  })
  .human("sales_review", {
    prompt: "Lead replied. Continue or hand off?",
    answer: ["decision"],
    timeout: "24h",
    default: { decision: "continue" },
  })
  .branch("evaluate", (s) => (s.decision === "handoff" ? "upgrade" : s.engagement > 30 ? "continue" : "archive"), {
    upgrade: (arm) =>
      arm.node("upgrade", (_s, ctx) => {
        ctx.publish("lead.upgraded", {});
        return { stage: "upgrade" };
      }),
    continue: (arm) => arm.node("go_on", () => ({ stage: "continue" })),
    archive: (arm) => arm.node("archive", () => ({ stage: "archive" })),
  });

export const nurture = operator("nurture", { name: "Nurture", workflows: [sequence] });
