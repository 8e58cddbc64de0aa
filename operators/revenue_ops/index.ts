import { operator } from "openvibe";
import { type Crm, noCrm } from "./crm.ts";
import { createLeadQualification } from "./lead-qualification.ts";

export { type Crm, noCrm } from "./crm.ts";
export { type CrmUpdate, createFixedCrm, type FixedCrm } from "./fixed-crm.ts";

/** Revenue Operations over a CRM; without one a stand-in knows nobody and accepts every update. */
export function createRevenueOps({ crm = noCrm }: { readonly crm?: Crm } = {}) {
  return operator("revenue_ops", {
    name: "Revenue Operations",
    description: "Runs the pipeline from first contact to deal.",
    owner: "VP Sales",
    output: "slack:#sales-agents",
    workflows: [createLeadQualification(crm)],
  });
}

export default createRevenueOps();
