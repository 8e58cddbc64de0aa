import type { ContextEntry, JsonObject, JsonValue, NodeContext } from "openvibe";
import { describe, expect, test } from "vitest";
import { findCompanyIntel, isFresh } from "./company-lookup.ts";

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
const DAY_MS = 24 * 60 * 60 * 1_000;
const record = (ageMs: number): JsonObject => ({
  company_id: "bob-s-bakery",
  prospect_quality: "low",
  updated_at: new Date(NOW - ageMs).toISOString(),
});

/** The parts of a node's context that the lookup uses, over a map and one answer. */
function aContext({ records = {}, answer, aborted = false }: Partial<Setup>) {
  const asked: unknown[] = [];
  const read: string[] = [];
  const ctx = {
    now: () => NOW,
    signal: aborted ? AbortSignal.abort("cancelled") : new AbortController().signal,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    context: (bucket: string) => ({
      async get<T extends JsonValue>(key: string) {
        read.push(`${bucket}/${key}`);
        const value = records[key];
        return value === undefined ? undefined : ({ key, value, revision: 1, updatedAt: "" } as ContextEntry<JsonValue> as ContextEntry<T>);
      },
    }),
    async ask(capability: string, body: JsonValue, options?: object) {
      asked.push({ capability, body, ...options });
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("nobody answers");
      return answer;
    },
  };
  return { ctx: ctx as unknown as NodeContext, asked, read };
}
interface Setup {
  readonly records: Readonly<Record<string, JsonValue>>;
  readonly answer: JsonValue | Error;
  readonly aborted: boolean;
}

describe("findCompanyIntel", () => {
  test("a record of the last 30 days is taken whole and nobody is asked", async () => {
    const { ctx, asked, read } = aContext({ records: { "bob-s-bakery.intel": record(DAY_MS) }, answer: { fresh: true } });

    expect(await findCompanyIntel("Bob's Bakery", ctx)).toEqual(record(DAY_MS));
    expect(read).toEqual(["context-companies/bob-s-bakery.intel"]);
    expect(asked).toEqual([]);
  });

  test.each<[string, JsonValue | undefined]>([
    ["no record", undefined],
    ["an older record", record(31 * DAY_MS)],
    ["a record that is no object", "high"],
  ])("with %s company_intel is asked, for at most 60 seconds, and its reply taken whole", async (_, old) => {
    const records = old === undefined ? {} : { "bob-s-bakery.intel": old };
    const { ctx, asked } = aContext({ records, answer: { company_id: "bob-s-bakery", run_id: "run_1" } });

    expect(await findCompanyIntel("Bob's Bakery", ctx)).toEqual({ company_id: "bob-s-bakery", run_id: "run_1" });
    expect(asked).toEqual([{ capability: "company_intel.research", body: { company: "Bob's Bakery" }, timeoutMs: 60_000 }]);
  });

  test("a name without an id has no record and is asked for", async () => {
    const { ctx, read, asked } = aContext({ answer: { company_id: "" } });

    expect(await findCompanyIntel("株式会社", ctx)).toEqual({ company_id: "" });
    expect(read).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["nobody answers", new Error("OV_NO_RESPONDER")],
    ["the answer is no object", "busy"],
    ["the answer is null", null],
  ])("goes on without when %s", async (_, answer) => {
    expect(await findCompanyIntel("Stripe", aContext({ answer }).ctx)).toBeUndefined();
  });

  test("a cancelled run does not go on", async () => {
    const { ctx } = aContext({ answer: new Error("cancelled"), aborted: true });

    await expect(findCompanyIntel("Stripe", ctx)).rejects.toThrow("cancelled");
  });
});

test.each([
  ["written now", record(0), true],
  ["exactly 30 days old", record(30 * DAY_MS), true],
  ["a millisecond older", record(30 * DAY_MS + 1), false],
  ["by a clock ahead of ours", record(-60_000), true],
  ["without a time", {}, false],
  ["with a time that is none", { updated_at: "yesterday" }, false],
  ["with a number as time", { updated_at: NOW }, false],
])("a record %s: fresh is %s", (_, old, fresh) => {
  expect(isFresh(old, NOW)).toBe(fresh);
});
