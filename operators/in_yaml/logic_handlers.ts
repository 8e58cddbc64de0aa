import type { LogicHandlers } from "openvibe";

const KEYWORDS = ["enterprise", "series"];

export default {
  company_intel: {
    research: {
      decide({ analyze }: { readonly analyze: string }) {
        const high = KEYWORDS.some((keyword) => analyze.toLowerCase().includes(keyword));
        return { decision: high ? "high" : "normal" };
      },
    },
  },
} satisfies LogicHandlers;
