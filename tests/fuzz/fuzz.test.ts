/** A short run of `pnpm fuzz`, of other things each time. */
import { expect, onTestFailed, test } from "vitest";
import { bySeed, seedOf } from "../support/seed.ts";
import { fuzz } from "./fuzz.ts";
import { toReportText } from "./report-text.ts";

test("random bytes and nearly right values break nothing, whichever way they come in", async () => {
  const seed = seedOf();
  onTestFailed(() => void process.stdout.write(`fuzz: seed ${seed} (repeat with OPENVIBE_TEST_SEED)\n`)); // its time may be over, which nobody catches

  await bySeed(seed, async () => {
    const report = await fuzz({ seed, count: 3_000, seconds: 30 });

    process.stdout.write(toReportText(report));
    expect(report.faults).toEqual([]);
    expect(Object.entries(report.attempts).filter(([, count]) => count === 0)).toEqual([]);
  });
});
