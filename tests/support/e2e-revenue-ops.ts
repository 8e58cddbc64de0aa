/** revenue_ops over a CRM that holds the demo leads and forgets what it is told, so that a lead is the same however often it comes; a file keeps the updates. */
import { appendFileSync } from "node:fs";
import { type CrmUpdate, createFixedCrm, createRevenueOps } from "@openvibe/operators/revenue_ops";
import { DEMO_CONTACTS } from "@openvibe/operators/testing";

const file = process.env.OPENVIBE_TEST_CRM_FILE;

export const revenueOps = createRevenueOps({
  crm: {
    ...createFixedCrm(DEMO_CONTACTS),
    async updateContact(id, props) {
      const line: CrmUpdate = { of: "contact", id, props };
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
    },
  },
});

export default revenueOps;
