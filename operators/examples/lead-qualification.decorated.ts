import { conditional, llmNode, node, operator, workflow } from "openvibe/decorators";

@operator({
  id: "revenue_ops",
  name: "Revenue Operations",
  description: "Sales pipeline automation",
})
export default class RevenueOps {
  contactId = "";
  source = "";
  companyData = "";
  fitScore = 0;
  intentScore = 0;
  urgencyScore = 0;
  compositeScore = 0;
  route = "";
  crmUpdated = false;

  @workflow({ id: "lead_qualification", trigger: "webhook:hubspot_new_lead" })
  static LeadQualification = class {
    @llmNode({ model: "haiku" })
    enrich(state: RevenueOps) {
      return {
        system: "You are a data enrichment specialist...",
        user: `Enrich this contact: ${state.contactId}`,
        outputKey: "companyData",
      };
    }

    @llmNode({ model: "sonnet", outputFormat: "json" })
    score(state: RevenueOps) {
      return {
        system: "You are a lead scoring expert...",
        user: `Score this lead:\n${state.companyData}`,
        outputKeys: { fitScore: Number, intentScore: Number, urgencyScore: Number },
      };
    }

    @conditional<RevenueOps>({
      routes: {
        sales: (s) => s.compositeScore >= 80,
        nurture: (s) => 50 <= s.compositeScore && s.compositeScore < 80,
        educate: (s) => s.compositeScore < 50,
      },
    })
    route(state: RevenueOps) {
      const score = state.fitScore * 0.4 + state.intentScore * 0.35 + state.urgencyScore * 0.25;
      return { compositeScore: score, route: "pending" };
    }

    @node
    updateCrm() {
      // Your CRM is told here.
      return { crmUpdated: true };
    }
  };
}
