import { isOpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { aClaimedRun, aNewRun, anEvent, aWrite, claim, ME } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

/** Accepting and reading; what is kept is kept to the byte. */
export function runsContract({ name, open }: StoreContract): void {
  describe(`${name} accepts runs`, () => {
    test("an accepted run is queued with its first wake-up and its first event", async () => {
      await using under = await open();
      const { runs } = under.store;
      const given = aNewRun({
        idempotencyKey: "k",
        fingerprint: "f",
        origin: "cron:x:1",
        parentRunId: "run_parent",
        rerunOf: "run_before",
      });

      const { inserted, run, fingerprint } = await runs.insert(given);

      expect({ inserted, fingerprint }).toEqual({ inserted: true, fingerprint: "f" });
      expect(run).toMatchObject({ runId: given.runId, status: "queued", wake: 0, attempt: 0, step: 0, startedAt: null, completedAt: null });
      expect(await runs.find(given.runId)).toEqual(run);
      expect(run).toMatchObject({
        parentRunId: "run_parent",
        rerunOf: "run_before",
        input: given.input,
        tags: given.tags,
        ignoredInput: ["fax"],
      });
      expect((await runs.findOutbox(given.runId))?.outbox).toEqual({ from: 0, events: [given.event] });
    });

    test("the same insert asked again, as after a lost answer, has won again", async () => {
      await using under = await open();
      const given = aNewRun({ idempotencyKey: "k", fingerprint: "f" });

      await under.store.runs.insert(given);
      const again = await under.store.runs.insert(given);

      expect(again).toMatchObject({ inserted: true, run: { runId: given.runId }, fingerprint: "f" });
      expect(await under.store.runs.list({}, { limit: 10 })).toHaveLength(1);
    });

    test.each([
      ["run id", { runId: "run_same" }],
      ["idempotency key", { idempotencyKey: "same" }],
      ["origin", { origin: "event:new_lead:same" }],
    ])("a second run with the same %s is not stored, the first is given", async (_, same) => {
      await using under = await open();
      const first = aNewRun({ ...same, fingerprint: "first" });
      await under.store.runs.insert(first);

      const second = await under.store.runs.insert(aNewRun({ ...same, operatorId: "another", fingerprint: "second" }));

      expect(second).toMatchObject({ inserted: false, run: { runId: first.runId, operatorId: first.operatorId }, fingerprint: "first" });
      expect(await under.store.runs.list({}, { limit: 10 })).toHaveLength(1);
    });

    test("of many inserts for one cause at once exactly one wins, and all name its run", async () => {
      await using under = await open();
      const answers = await Promise.all(Array.from({ length: 50 }, () => under.store.runs.insert(aNewRun({ origin: "cron:daily:1" }))));

      expect(answers.filter(({ inserted }) => inserted)).toHaveLength(1);
      expect(new Set(answers.map(({ run }) => run.runId)).size).toBe(1);
    });

    test("a run may begin in the hands of its process, without a wake-up", async () => {
      await using under = await open();
      await under.live(ME);
      const { run } = await under.store.runs.insert(aNewRun({ claimedBy: ME }));

      expect(run).toMatchObject({ status: "running", attempt: 1, wake: 0 });
      expect(run.startedAt).not.toBeNull();
      expect(await under.store.runs.write({ ...aWrite(await anAsk(under.store, run.runId)), attempt: 1 })).toBe("committed");
    });

    test("a run that begins in the hands of its process is won again by the same insert", async () => {
      await using under = await open();
      await under.live(ME);
      const given = aNewRun({ claimedBy: ME });

      await under.store.runs.insert(given);

      expect(await under.store.runs.insert(given)).toMatchObject({ inserted: true, run: { status: "running", attempt: 1 } });
      // Whoever would only queue it finds it stored.
      const { claimedBy: _, ...queued } = given;
      expect(await under.store.runs.insert(queued)).toMatchObject({ inserted: true, run: { status: "running", attempt: 1 } });
    });

    test.each([
      ["stored for the queue before", async () => {}],
      ["stored for the queue, and claimed by this process", async (store: Store, runId: string) => void (await claim(store, runId))],
      [
        "stored for the queue, claimed by this process and given back",
        async (store: Store, runId: string) => {
          const { run } = await claim(store, runId);
          await store.runs.release({ runId, attempt: run.attempt, owner: ME });
        },
      ],
    ])("a run that was %s does not begin in its hands a second time", async (_, happen) => {
      await using under = await open();
      await under.live(ME);
      const given = aNewRun();
      await under.store.runs.insert(given);
      await happen(under.store, given.runId);

      const answer = await under.store.runs.insert({ ...given, claimedBy: ME });

      expect(answer).toMatchObject({ inserted: false, run: { runId: given.runId } });
    });

    test("a run that began in the hands of its process and was claimed since does not begin there again", async () => {
      await using under = await open();
      await under.live(ME);
      const given = aNewRun({ claimedBy: ME });
      await under.store.runs.insert(given);
      await claim(under.store, given.runId);

      expect((await under.store.runs.insert(given)).inserted).toBe(false);
    });

    test("a run is found by its idempotency key, with what it was asked for with", async () => {
      await using under = await open();
      const { run } = await under.store.runs.insert(aNewRun({ idempotencyKey: "k", fingerprint: "f", deadline: 4_102_444_800_000 }));

      expect(run.deadline).toBe(4_102_444_800_000);
      expect(await under.store.runs.findByKey("k")).toEqual({ run, fingerprint: "f" });
      expect(await under.store.runs.findByKey("K")).toBeUndefined();
    });

    test("an unknown run is not found", async () => {
      await using under = await open();

      expect(await under.store.runs.find("run_unknown")).toBeUndefined();
      expect(await under.store.runs.findOutbox("run_unknown")).toBeUndefined();
    });
  });

  describe(`${name} keeps what it is given`, () => {
    const STRANGE = {
      "nul \u0000 key": "nul \u0000 value",
      lone: "\ud800 and \udfff",
      lines: "\u2028\u2029\r\n\t",
      quotes: `"'\\{},NULL`,
      emoji: "👩‍👩‍👧‍👦 ß ﷽",
      numbers: [0, 1e21, -1.5e-9, 9007199254740991],
      z: null,
      a: { b: [[[]]] },
    };

    test("strange JSON comes back as it was, in the order it had", async () => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store, { input: STRANGE, event: { ...anEvent("run.queued"), data: STRANGE } });
      const outbox = { from: 0, events: [{ ...anEvent("node.completed"), data: STRANGE }] };

      await runs.write(aWrite(claimed, { state: STRANGE, outbox }));
      const again = await claim(under.store, claimed.run.runId);
      await runs.write(
        aWrite(again, { status: "failed", output: STRANGE, error: { code: "OV_NODE_FAILED", message: "nul \u0000 \ud800" } }),
      );

      const run = await runs.find(claimed.run.runId);
      for (const kept of [claimed.run.input, claimed.outbox.events[0]?.data, again.state, again.outbox.events[0]?.data, run?.output])
        expect(JSON.stringify(kept)).toBe(JSON.stringify(STRANGE));
      expect(run?.error?.message).toBe("nul \u0000 \ud800");
    });

    test("a state of 400 KB is kept", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const state = { text: Array.from({ length: 40_000 }, (_, n) => `${n * 7919} ünï`).join(" ") };

      await under.store.runs.write(aWrite(claimed, { state }));

      expect((await claim(under.store, claimed.run.runId)).state).toEqual(state);
    });

    test("a write that the database refuses harms none that travels with it", async () => {
      await using under = await open();
      const claimed = await Promise.all(Array.from({ length: 21 }, () => aClaimedRun(under.store)));

      const verdicts = await Promise.allSettled(
        claimed.map((run, n) => under.store.runs.write(aWrite(run, n === 10 ? { step: 1.5 } : { state: { n } }))),
      );

      const refused = verdicts.flatMap((verdict) => (verdict.status === "rejected" ? [verdict.reason] : []));
      expect(refused).toHaveLength(1);
      expect(isOpenVibeError(refused[0], "OV_RUN_UNSTORABLE")).toBe(true);
      for (const [n, { run }] of claimed.entries()) expect((await claim(under.store, run.runId)).state).toEqual(n === 10 ? null : { n });
    });

    test("what is no JSON is refused before it reaches the others", async () => {
      await using under = await open();
      const bad = { n: 1n } as never;

      const answers = await Promise.allSettled([under.store.runs.insert(aNewRun()), under.store.runs.insert(aNewRun({ input: bad }))]);

      expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      expect(answers[1]).toMatchObject({ reason: { code: "OV_RUN_UNSTORABLE" } });
    });
  });
}

/** What the owner of a run that began in its hands knows of it. */
async function anAsk(store: Parameters<typeof claim>[0], runId: string) {
  const found = await store.runs.findOutbox(runId);
  if (found === undefined) throw new Error(`${runId} is not there`);
  return { ...found, state: null, position: null, wakeKind: "start" as const, wakeBody: null, silentClaims: 0 };
}
