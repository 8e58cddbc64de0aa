import { expect, test } from "vitest";
import { passesFilter } from "./event-filter.ts";

const data = {
  region: "emea",
  size: 7,
  won: true,
  owner: null,
  lead: { region: "apac", mails: ["a@b.c"] },
  tags: ["vip", { n: 1 }],
  "a.b": 1,
  a: { b: 2 },
};

test.each([
  [{}],
  [{ region: "emea" }],
  [{ region: "emea", size: 7, won: true, owner: null }],
  [{ "lead.region": "apac" }],
  [{ "lead.mails.0": "a@b.c", "tags.0": "vip", "tags.1.n": 1 }],
  [{ "a.b": 1 }],
])("%j lets it pass", (filter) => {
  expect(passesFilter(filter, data)).toBe(true);
});

test.each([
  [{ region: "apac" }],
  [{ region: "emea", size: 8 }],
  [{ size: "7" }],
  [{ won: "true" }],
  [{ lost: null }],
  [{ "lead.owner": null }],
  [{ "lead.region.0": "a" }],
  [{ "region.length": 4 }],
  [{ "tags.length": 2 }],
  [{ "tags.2": null }],
  [{ "a.b": 2 }],
  [{ "lead.toString": null }],
  [{ "__proto__.x": null }],
  [{ "lead..region": "apac" }],
])("%j does not", (filter) => {
  expect(passesFilter(filter as never, data)).toBe(false);
});
