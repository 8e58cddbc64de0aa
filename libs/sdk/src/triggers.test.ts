import { describe, expect, test } from "vitest";
import { findTriggerFault } from "./triggers.ts";

describe("a trigger's form", () => {
  test.each([
    "on_demand",
    "webhook:hubspot_new_lead",
    "webhook:my-crm_deal",
    "event:lead.qualified",
    "event:lead_qualified",
    "event:self:lead_nurture",
    "event:market_intel:analysis_complete",
    "context:context-leads.*",
    "context:context-leads.ann.*.score",
    "cron:0 7 * * 1-5",
    "cron:*/15 0,12 1 JAN-MAR MON Europe/Berlin",
    "cron:0 9 * * 1 UTC",
    "cron:59 23 31 12 7",
    "cron:*/45 0-23/12 28-31 * MON",
  ])("%s is allowed", (on) => {
    expect(findTriggerFault(on)).toBeUndefined();
  });

  test.each([
    ["on_demand:now", "allowed is on_demand"],
    ["timer:1h", "allowed is on_demand"],
    ["", "allowed is on_demand"],
    [7, "is a text"],
    ["webhook:hubspot", "<source>_<name>"],
    ["webhook:_lead", "<source>_<name>"],
    ["webhook:Hubspot_lead", "<source>_<name>"],
    ["event:", "no event type"],
    ["event:Lead Qualified", "no event type"],
    ["event:self:", "no event type"],
    ["event:Other One:lead", "no operator's id"],
    ["event:a:b:c", "no event type"],
    ["context:leads.*", "a bucket by its full name"],
    ["context:context-leads", "a bucket by its full name"],
    ["cron:0 7 * *", "has 4 parts"],
    ["cron:0 0 7 * * 1-5 UTC", "has 7 parts"],
    ["cron:0 0 7 * * 1", '"1" is no time zone'],
    ["cron:0 7 * * 1 Mars/Base", "no time zone"],
    ["cron:0 7 * * $", '"$" is no cron field'],
    ["cron:61 * * * *", 'minute "61": 61 is not allowed; allowed are 0-59'],
    ["cron:0 7 L * *", 'day of the month "L": L is not allowed'],
    ["cron:0 0 31 2 *", "never comes"],
  ])("%s is refused and the message says why: %s", (on, why) => {
    expect(findTriggerFault(on)).toContain(why);
  });
});
