import { describe, expect, test } from "vitest";
import { aNewRun, claim } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

export function causesContract({ name, open }: StoreContract): void {
  const cause = { kind: "event", event: { id: "e1", data: { text: "Zoë \u0000" } }, hops: 3 } as const;

  describe(`${name} keeps the event that started a run`, () => {
    test("for the claim and for whoever asks; other runs have none", async () => {
      await using under = await open();
      const { runs } = under.store;
      await runs.insert(aNewRun({ runId: "run_caused", cause, origin: "event:desk.t:e1" }));
      await runs.insert(aNewRun({ runId: "run_plain" }));

      expect((await claim(under.store, "run_caused")).cause).toEqual(cause);
      expect(await runs.findCause("run_caused")).toEqual(cause);
      expect((await claim(under.store, "run_plain")).cause).toBeUndefined();
      expect(await runs.findCause("run_plain")).toBeUndefined();
      expect(await runs.findCause("run_nowhere")).toBeUndefined();
    });

    test("and starts one run for one cause", async () => {
      await using under = await open();
      const { runs } = under.store;
      const insert = (runId: string) => runs.insert(aNewRun({ runId, cause, origin: "event:desk.t:e1" }));

      const answers = await Promise.all(["run_a", "run_b", "run_c"].map(insert));

      expect(answers.filter(({ inserted }) => inserted)).toHaveLength(1);
      expect(new Set(answers.map(({ run }) => run.runId)).size).toBe(1);
    });

    test("and counts events and questions in a row, also through children", async () => {
      await using under = await open();
      const { runs } = under.store;
      await runs.insert(aNewRun({ runId: "run_caused", cause }));
      await runs.insert(aNewRun({ runId: "run_child", parentRunId: "run_caused" }));
      await runs.insert(aNewRun({ runId: "run_grandchild", parentRunId: "run_child" }));
      await runs.insert(aNewRun({ runId: "run_plain" }));
      await runs.insert(aNewRun({ runId: "run_asked", parentRunId: "run_child", cause: { kind: "ask", hops: 4 } }));
      await runs.insert(aNewRun({ runId: "run_child_of_asked", parentRunId: "run_asked" }));

      const hops = await Promise.all(
        ["run_caused", "run_child", "run_grandchild", "run_asked", "run_child_of_asked", "run_plain", "run_gone"].map((id) =>
          runs.countHops(id),
        ),
      );

      expect(hops).toEqual([3, 3, 3, 4, 4, 0, 0]);
      expect((await claim(under.store, "run_asked")).cause).toEqual({ kind: "ask", hops: 4 });
    });
  });
}
