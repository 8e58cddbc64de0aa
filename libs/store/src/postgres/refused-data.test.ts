import { randomBytes } from "node:crypto";
import { newToken } from "@openvibe/core";
import { describe, expect, inject, test } from "vitest";
import { aClaimedRun, aNewRun, aWrite } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";

const open = () => openPostgresStore({ url: inject("postgresUrl"), schema: `test_${newToken()}`, poolSize: 4 });
const MANY = 40;

/** Indexes of those that were refused as unstorable; anything else that failed is thrown. */
async function refusedOf(calls: readonly Promise<unknown>[]): Promise<number[]> {
  const answers = await Promise.allSettled(calls);
  return answers.flatMap((answer, index) => {
    if (answer.status === "fulfilled") return [];
    expect(answer.reason).toMatchObject({ code: "OV_RUN_UNSTORABLE" });
    return [index];
  });
}

describe("data that Postgres refuses harms only its own run", () => {
  test("a NUL byte in text that is no JSON", async () => {
    await using store = await open();
    const claimed = await Promise.all(Array.from({ length: MANY }, () => aClaimedRun(store)));
    const bad = [3, 17, 39];

    const refused = await refusedOf(
      claimed.map((run, n) => store.runs.write(aWrite(run, { position: bad.includes(n) ? "nul \u0000 byte" : "fine" }))),
    );

    expect(refused).toEqual(bad);
    for (const [n, { run }] of claimed.entries()) expect(await store.runs.find(run.runId)).toMatchObject({ step: bad.includes(n) ? 0 : 1 });
  });

  test("a key that is too long for an index, and a NUL byte in a key", async () => {
    await using store = await open();
    const origins = Array.from({ length: MANY }, (_, n) =>
      n === 5 ? randomBytes(6_000).toString("base64") : n === 6 ? "\u0000" : `cron:${n}`,
    );

    const refused = await refusedOf(origins.map((origin) => store.runs.insert(aNewRun({ origin }))));

    expect(refused).toEqual([5, 6]);
    expect(await store.runs.list({}, { limit: 100 })).toHaveLength(MANY - 2);
  });

  test("a number that the column does not hold", async () => {
    await using store = await open();
    const claimed = await Promise.all(Array.from({ length: 3 }, () => aClaimedRun(store)));

    expect(await refusedOf(claimed.map((run, n) => store.runs.write(aWrite(run, n === 1 ? { step: 2 ** 31 } : {}))))).toEqual([1]);
  });

  test("a NUL byte in a setting says so", async () => {
    await using store = await open();

    await expect(store.settings.replace("a", undefined, "\u0000")).rejects.toMatchObject({ code: "OV_RUN_UNSTORABLE" });
    await expect(store.runs.find("\u0000")).rejects.toMatchObject({ code: "OV_RUN_UNSTORABLE" });
  });
});
