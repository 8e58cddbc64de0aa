import { isFinal, RUN_STATUSES } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aCancel, aClaimedRun, aFinishedRun, anEvent, aRunThatIs, aWaitingRun, aWrite, claim, ME, OPERATOR } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

const DID = { queued: "cancelled", waiting: "cancelled", running: "requested" } as const;
const RACES = 200;

export function cancelContract({ name, open }: StoreContract): void {
  describe(`${name} cancels`, () => {
    test.each(RUN_STATUSES)("a run that is %s, as far as it can", async (status) => {
      await using under = await open();
      const runId = await aRunThatIs(under.store, status);
      const before = await under.store.runs.findOutbox(runId);

      const answer = await under.store.runs.cancel(aCancel(runId));

      const after = await under.store.runs.findOutbox(runId);
      expect(answer).toMatchObject({ did: isFinal(status) ? "already_final" : DID[status], run: after?.run });
      expect(after?.run.wake).toBe(before?.run.wake);
      if (answer.did === "cancelled") {
        expect(answer.run).toMatchObject({ status: "cancelled", interrupt: null });
        expect(answer.run.completedAt).not.toBeNull();
        expect(answer.outbox).toEqual(after?.outbox);
        expect(after?.outbox.events).toEqual([...(before?.outbox.events ?? []), anEvent("run.cancelled")]);
      } else {
        expect(after).toEqual({ ...before, run: { ...before?.run, cancelRequested: status === "running" } });
      }
    });

    test("a run whose events are all sent gets the next number for its last one", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store);
      await under.store.runs.markSent({ runId: run.runId, sequence: 1 });

      const answer = await under.store.runs.cancel(aCancel(run.runId));

      expect(answer).toMatchObject({ outbox: { from: 2, events: [anEvent("run.cancelled")] } });
    });

    test("a run of another operator, or none, is not found", async () => {
      await using under = await open();
      const runId = await aRunThatIs(under.store, "queued");

      expect(await under.store.runs.cancel({ ...aCancel(runId), operatorId: "another" })).toEqual({ did: "not_found" });
      expect(await under.store.runs.cancel(aCancel("run_unknown"))).toEqual({ did: "not_found" });
      expect(await under.store.runs.find(runId)).toMatchObject({ status: "queued" });
    });

    test("a cancelled run is not claimed", async () => {
      await using under = await open();
      const runId = await aRunThatIs(under.store, "queued");
      await under.store.runs.cancel(aCancel(runId));

      expect(await under.store.runs.claim({ runId, wake: 0, owner: ME })).toMatchObject({
        claimed: undefined,
        row: { status: "cancelled" },
      });
    });

    test("the owner's next write is refused because of the flag, and it ends the run itself", async () => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store);
      const { runId } = claimed.run;
      const committed = aWrite(claimed);
      await runs.write(committed);

      expect(await runs.cancel(aCancel(runId))).toMatchObject({ did: "requested" });
      expect(await runs.cancel(aCancel(runId))).toMatchObject({ did: "requested" });
      const end = aWrite(claimed, { step: 2, error: { code: "OV_RUN_CANCELLED", message: "cancelled" } });
      expect(await runs.write(committed)).toBe("committed");
      expect(await runs.write({ ...end, status: "completed" })).toBe("cancel_requested");
      expect(await runs.write({ ...end, status: "waiting" })).toBe("cancel_requested");
      expect(await runs.writeCancelled(end)).toBe("committed");
      expect(await runs.writeCancelled(end)).toBe("committed");

      expect(await runs.find(runId)).toMatchObject({ status: "cancelled", error: { code: "OV_RUN_CANCELLED" }, step: 2 });
      expect(await runs.write({ ...end, status: "completed" })).toBe("stale");
    });

    test(`against a terminal write: one wins, ${RACES} times`, async () => {
      await using under = await open();
      const { runs } = under.store;
      const won = { cancelled: 0, completed: 0 };
      const race = async (n: number) => {
        const claimed = await aClaimedRun(under.store);
        const { runId } = claimed.run;
        const end = () => runs.write(aWrite(claimed, { status: "completed" }));
        const cancel = () => runs.cancel(aCancel(runId));
        const [verdict, answer] = n % 2 ? await Promise.all([end(), cancel()]) : (await Promise.all([cancel(), end()])).toReversed();

        if (verdict === "committed") {
          expect(answer).toMatchObject({ did: "already_final" });
          won.completed++;
        } else {
          expect({ verdict, answer }).toMatchObject({ verdict: "cancel_requested", answer: { did: "requested" } });
          expect(await runs.writeCancelled(aWrite(claimed))).toBe("committed");
          won.cancelled++;
        }
        expect(await runs.find(runId)).toMatchObject({ status: verdict === "committed" ? "completed" : "cancelled" });
      };
      for (let begun = 0; begun < RACES; begun += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => race(begun + n)));

      expect(won.cancelled + won.completed).toBe(RACES);
    });

    test("against a park: the run is cancelled in the end, whoever came first", async () => {
      await using under = await open();
      const { runs } = under.store;
      const race = async () => {
        const claimed = await aClaimedRun(under.store);
        const [verdict, answer] = await Promise.all([
          runs.write(aWrite(claimed, { status: "waiting" })),
          runs.cancel({ ...aCancel(claimed.run.runId), operatorId: OPERATOR }),
        ]);
        if (verdict === "cancel_requested") await runs.writeCancelled(aWrite(claimed));
        else expect(answer.did).toBe("cancelled");
        expect(await runs.find(claimed.run.runId)).toMatchObject({ status: "cancelled" });
      };

      await Promise.all(Array.from({ length: 50 }, race));
    });

    test("what a run has come to stands when the cancel comes late", async () => {
      await using under = await open();
      const { run } = await aFinishedRun(under.store);

      expect(await under.store.runs.cancel(aCancel(run.runId))).toMatchObject({ did: "already_final", run: { status: "completed" } });
      await expect(claim(under.store, run.runId)).rejects.toThrow("refused");
    });
  });
}
