import type { RunOverrides } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aClaimedRun, aNewRun, aWrite, claim, OTHER } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

const OVERRIDES: RunOverrides = {
  begin: { position: "score@retry=2", state: { company: "ACME", note: "\u0000 é" } },
  model: { score: "opus" },
  prompt: { score: { user: "Again, please." } },
};

/** What a rerun does otherwise. */
export function overridesContract({ name, open }: StoreContract): void {
  describe(`${name} keeps what a rerun does otherwise`, () => {
    test("for whoever claims it, the second one too, and for readers", async () => {
      await using under = await open();
      const first = await aClaimedRun(under.store, { overrides: OVERRIDES, tags: { team: "emea" } });
      const { runId } = first.run;
      await under.store.runs.write(aWrite(first));
      await under.store.runs.release({ runId, attempt: 1, owner: "worker-me" });

      const second = await claim(under.store, runId, { owner: OTHER });

      expect([first.overrides, second.overrides]).toEqual([OVERRIDES, OVERRIDES]);
      expect(await under.store.runs.findOverrides(runId)).toEqual(OVERRIDES);
      expect((await under.store.runs.list({ tags: [["team", "emea"]] }, { limit: 10 })).map((run) => run.runId)).toEqual([runId]);
    });

    test("and nothing of other runs", async () => {
      await using under = await open();
      const plain = await aClaimedRun(under.store);

      expect("overrides" in plain).toBe(false);
      expect(await under.store.runs.findOverrides(plain.run.runId)).toBeUndefined();
    });

    test("once, when the insert is asked for again", async () => {
      await using under = await open();
      const run = aNewRun({ overrides: OVERRIDES, tags: {} });

      const [first, again] = [await under.store.runs.insert(run), await under.store.runs.insert(run)];

      expect([first.inserted, again.inserted]).toEqual([true, true]);
      expect(await under.store.runs.list({}, { limit: 10 })).toHaveLength(1);
    });

    test("until it is purged, though its key is kept", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store, { overrides: OVERRIDES, idempotencyKey: "k", fingerprint: "f" });
      const { runId } = claimed.run;
      await under.store.runs.write(aWrite(claimed, { status: "completed", position: null }));
      await under.store.runs.markSent({ runId, sequence: 1 });
      await under.advance(120_000);

      expect(await under.store.sweep.purge({ keepMs: 60_000, limit: 10 })).toBe(1);

      expect(await under.store.runs.findOverrides(runId)).toBeUndefined();
    });
  });
}
