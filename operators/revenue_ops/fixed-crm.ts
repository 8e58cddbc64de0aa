import type { JsonObject } from "openvibe";
import type { Crm } from "./crm.ts";

export interface CrmUpdate {
  readonly of: "contact" | "deal";
  readonly id: string;
  readonly props: JsonObject;
}

/** A CRM in memory. */
export interface FixedCrm extends Crm {
  /** Every update so far, oldest first. */
  readonly updates: readonly CrmUpdate[];
}

/**
 * A CRM that holds these contacts and deals (each by its `id`), shows what was updated, and remembers the updates: for tests and demos.
 * @example `createRevenueOps({ crm: createFixedCrm({ "4711": { company: "Stripe" } }) })`
 */
export function createFixedCrm(contacts: Readonly<Record<string, JsonObject>>, deals: readonly JsonObject[] = []): FixedCrm {
  const contactsNow = new Map(Object.entries(contacts));
  const dealsNow = [...deals];
  const updates: CrmUpdate[] = [];
  return {
    updates,
    getContact: async (id) => contactsNow.get(id) ?? {},
    async updateContact(id, props) {
      updates.push({ of: "contact", id, props });
      contactsNow.set(id, { ...contactsNow.get(id), ...props });
    },
    getActiveDeals: async (limit) => dealsNow.slice(0, limit),
    async updateDeal(id, props) {
      updates.push({ of: "deal", id, props });
      const index = dealsNow.findIndex((deal) => deal.id === id);
      if (index >= 0) dealsNow[index] = { ...dealsNow[index], ...props };
    },
  };
}
