import type { JsonObject } from "openvibe";

/** What revenue_ops needs of a CRM. What one of these throws fails the node. Updates may arrive twice after a crash. */
export interface Crm {
  /** Properties of the contact; `{}` when there are none. */
  getContact(id: string): Promise<JsonObject>;
  updateContact(id: string, props: JsonObject): Promise<void>;
  /** Open deals, `limit` at most. */
  getActiveDeals(limit: number): Promise<readonly JsonObject[]>;
  updateDeal(id: string, props: JsonObject): Promise<void>;
}

/** Stands in where no CRM is configured: knows nobody, accepts every update. */
export const noCrm: Crm = {
  getContact: async () => ({}),
  updateContact: async () => {},
  getActiveDeals: async () => [],
  updateDeal: async () => {},
};
