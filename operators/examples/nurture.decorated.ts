import { conditional, durable, humanInTheLoop, llmNode, node, operator, workflow } from "openvibe/decorators";

@operator({ id: "revenue_ops", name: "Revenue Operations" })
export default class RevenueOps {
  contactId = "";
  companyData = "";
  engagementScore = 0;
  message = "";
  decision = "";
  notes = "";

  @workflow({ id: "nurture_sequence", trigger: "event:lead.qualified" })
  @durable({ maxDays: 14 })
  static NurtureSequence = class {
    @llmNode({ model: "sonnet" })
    assessLead(state: RevenueOps) {
      return {
        user: `How engaged is this lead, from 0 to 100?\n${state.companyData}`,
        outputKeys: { engagementScore: Number, notes: String },
      };
    }

    @llmNode({ model: "sonnet" })
    generateTouch(state: RevenueOps) {
      return { user: `Write to ${state.contactId}. What we know: ${state.notes}`, outputKey: "message" };
    }

    /** Three days pass; no worker is held meanwhile. */
    @node
    waitForEngagement() {
      return { waitDuration: "3d" };
    }

    @humanInTheLoop({
      timeout: "24h",
      prompt: "Lead replied. Review and decide: continue or handoff?",
      answer: ["decision", "notes"],
    })
    salesReview() {}

    @conditional<RevenueOps>({
      routes: {
        upgrade: (s) => s.engagementScore > 70,
        continue: (s) => s.engagementScore > 30,
        archive: (s) => s.engagementScore <= 30,
      },
    })
    evaluate() {}
  };
}
