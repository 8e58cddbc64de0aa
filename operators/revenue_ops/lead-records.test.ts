import type { JsonObject } from "openvibe";
import { describe, expect, test } from "vitest";
import { findLeadEvent, toCrmUpdate, toQualificationRecord, toQualifiedPayload } from "./lead-records.ts";

const lead = (more: object) => ({
  contact_id: "4711",
  source: "form",
  enriched_data: { company: "Stripe", segment: "enterprise" } as JsonObject,
  score: { fit_score: 90 },
  composite_score: 84.75,
  route: "sales",
  ...more,
});

test.each([
  ["nurture", 79.75, { hs_lead_status: "NURTURE", lead_score: "79" }],
  ["sales", 80, { hs_lead_status: "SALES", lead_score: "80" }],
  ["education", 0, { hs_lead_status: "EDUCATION", lead_score: "0" }],
  ["disqualify", 49.999, { hs_lead_status: "DISQUALIFY", lead_score: "49" }],
])("the CRM hears of %s at %d in capitals, with the floor as text", (route, composite_score, update) => {
  expect(toCrmUpdate({ route, composite_score })).toEqual(update);
});

test("the record holds exactly what others read", () => {
  expect(toQualificationRecord(lead({}))).toEqual({
    contact_id: "4711",
    route: "sales",
    composite_score: 84.75,
    score: { fit_score: 90 },
    source: "form",
  });
});

describe("the event of a lead", () => {
  test("sales raises lead_qualified with exactly its keys", () => {
    expect(findLeadEvent(lead({}))).toEqual({
      type: "lead_qualified",
      payload: {
        contact_id: "4711",
        buyer_profile: { company: "Stripe", segment: "enterprise" },
        segment: "enterprise",
        topic: "Stripe",
        lead_score: 84,
      },
    });
  });

  test("nurture raises lead_nurture with exactly its keys", () => {
    expect(findLeadEvent(lead({ route: "nurture", composite_score: 50 }))).toEqual({
      type: "lead_nurture",
      payload: { contact_id: "4711", lead_data: { company: "Stripe", segment: "enterprise" }, lead_score: 50 },
    });
  });

  test.each(["education", "disqualify"])("%s raises none", (route) => {
    expect(findLeadEvent(lead({ route }))).toBeUndefined();
  });
});

test.each<[string, JsonObject, string, string]>([
  ["the company comes first", { company: "Stripe", segment: "smb" }, "smb", "Stripe"],
  ["without a company the segment", { segment: "smb" }, "smb", "smb"],
  ["an empty company is none", { company: "", segment: "smb" }, "smb", "smb"],
  ["without both the product", {}, "", "product"],
  ["what is no text counts as missing", { company: 7, segment: ["smb"] }, "", "product"],
])("the topic of a qualified lead: %s", (_, profile, segment, topic) => {
  expect(toQualifiedPayload("4711", profile, 80)).toMatchObject({ segment, topic });
});
