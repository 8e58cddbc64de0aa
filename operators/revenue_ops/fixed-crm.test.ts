import { expect, test } from "vitest";
import { noCrm } from "./crm.ts";
import { createFixedCrm } from "./fixed-crm.ts";

test("the stand-in knows nobody and accepts every update", async () => {
  expect(await noCrm.getContact("4711")).toEqual({});
  expect(await noCrm.getActiveDeals(50)).toEqual([]);
  await noCrm.updateContact("4711", { a: "b" });
  await noCrm.updateDeal("d1", { a: "b" });
  expect(await noCrm.getContact("4711")).toEqual({});
});

test("the fixed CRM holds contacts, shows what was updated and remembers it in order", async () => {
  const crm = createFixedCrm({ "4711": { company: "Stripe" } }, [{ id: "d1" }, { id: "d2" }]);

  await crm.updateContact("4711", { hs_lead_status: "SALES" });
  await crm.updateDeal("d2", { dealstage: "closing" });

  expect(await crm.getContact("4711")).toEqual({ company: "Stripe", hs_lead_status: "SALES" });
  expect(await crm.getContact("nobody")).toEqual({});
  expect(await crm.getActiveDeals(1)).toEqual([{ id: "d1" }]);
  expect(await crm.getActiveDeals(50)).toEqual([{ id: "d1" }, { id: "d2", dealstage: "closing" }]);
  expect(crm.updates).toEqual([
    { of: "contact", id: "4711", props: { hs_lead_status: "SALES" } },
    { of: "deal", id: "d2", props: { dealstage: "closing" } },
  ]);
});
