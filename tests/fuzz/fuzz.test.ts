/** A short run of `pnpm fuzz`. */
import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";
import { toReportText } from "./report-text.ts";

test("random bytes and nearly right values break nothing, whichever way they come in", async () => {
  const seed = Number(process.env.OPENVIBE_TEST_SEED ?? (Date.now() % 1_000_000) + 1);

  const report = await fuzz({ seed, count: 3_000, seconds: 30 });

  process.stdout.write(toReportText(report));
  expect(report.faults, `repeat it with OPENVIBE_TEST_SEED=${seed}`).toEqual([]);
  expect(Object.entries(report.attempts).filter(([, count]) => count === 0)).toEqual([]);
});
