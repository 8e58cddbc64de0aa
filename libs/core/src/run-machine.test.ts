/** DESIGN §6 rule 3, all of it: the row settles a delivery. */
import { describe, expect, test } from "vitest";
import { PUT_BACK_MS, type RowView, type Settlement, settle } from "./run-machine.ts";
import { isFinal, RUN_STATUSES, type RunStatus } from "./run-status.ts";
import type { WakeUp } from "./wake-up.ts";

const ME = "worker-me";
const WAKE = 3;
const wakeUp: WakeUp = { operatorId: "shop", runId: "run_1", kind: "start", wake: WAKE };

const OWNERS = {
  none: { owner: null, ownerSilent: false },
  me: { owner: ME, ownerSilent: false },
  // The store never says so of one who beats; this process knows better than it whether it lives.
  "me, said to be silent": { owner: ME, ownerSilent: true },
  other: { owner: "worker-other", ownerSilent: false },
  "other, silent": { owner: "worker-other", ownerSilent: true },
} as const satisfies Record<string, Pick<RowView, "owner" | "ownerSilent">>;
type Owner = keyof typeof OWNERS;

const NUMBERS = { below: WAKE + 1, same: WAKE, above: WAKE - 1 } as const;
type N = keyof typeof NUMBERS;

const DROP: Settlement = { do: "drop" };
const CLAIM: Settlement = { do: "claim" };
const HOLD: Settlement = { do: "hold" };
const PUBLISH: Settlement = { do: "publish_unsent" };
const PUT_BACK: Settlement = { do: "put_back", delayMs: PUT_BACK_MS };
const UNKNOWN_WAKE: Settlement = { do: "dead_letter", reason: "unknown_wake" };

/** What a running row says, by its owner and by whether this process runs the run. */
const RUNNING: Record<Owner, { readonly here: Settlement; readonly notHere: Settlement }> = {
  none: { here: PUT_BACK, notHere: CLAIM }, // released or taken from us: our execution has to notice first
  me: { here: HOLD, notHere: CLAIM },
  "me, said to be silent": { here: HOLD, notHere: CLAIM },
  other: { here: PUT_BACK, notHere: PUT_BACK },
  "other, silent": { here: PUT_BACK, notHere: CLAIM },
};

/** The rule of the page, written down once more. */
function expected(status: RunStatus, n: N, owner: Owner, runningHere: boolean): Settlement {
  if (n === "below") return DROP;
  if (n === "above") return UNKNOWN_WAKE;
  switch (status) {
    case "queued":
      return CLAIM;
    case "running":
      return RUNNING[owner][runningHere ? "here" : "notHere"];
    case "waiting":
    case "completed":
    case "failed":
    case "cancelled":
    case "timed_out":
    case "dead_lettered":
      return PUBLISH;
    default:
      return status satisfies never;
  }
}

const TABLE = RUN_STATUSES.flatMap((status) =>
  (Object.keys(NUMBERS) as N[]).flatMap((n) =>
    (Object.keys(OWNERS) as Owner[]).flatMap((owner) => [false, true].map((runningHere) => [status, n, owner, runningHere] as const)),
  ),
);

describe("a delivery is settled by the row", () => {
  test(`in all ${TABLE.length} cases`, () => {
    const settled = TABLE.map(([status, n, owner, runningHere]) => {
      const row: RowView = { status, wake: NUMBERS[n], ...OWNERS[owner] };
      return [status, n, owner, runningHere, settle(wakeUp, row, { me: ME, runningHere })];
    });

    expect(TABLE).toHaveLength(8 * 3 * 5 * 2);
    expect(settled).toEqual(
      TABLE.map(([status, n, owner, runningHere]) => [status, n, owner, runningHere, expected(status, n, owner, runningHere)]),
    );
  });

  test("of a run that does not exist it becomes a dead letter, whoever asks", () => {
    for (const runningHere of [false, true])
      expect(settle(wakeUp, undefined, { me: ME, runningHere })).toEqual({ do: "dead_letter", reason: "unknown_run" });
  });

  test("a live owner is never robbed", () => {
    const claims = TABLE.filter(([status, n, owner, here]) => {
      const row: RowView = { status, wake: NUMBERS[n], ...OWNERS[owner] };
      return status === "running" && owner === "other" && settle(wakeUp, row, { me: ME, runningHere: here }).do === "claim";
    });

    expect(claims).toEqual([]);
  });

  test("a run that ended is never claimed", () => {
    for (const [status, n, owner, runningHere] of TABLE)
      if (isFinal(status))
        expect(settle(wakeUp, { status, wake: NUMBERS[n], ...OWNERS[owner] }, { me: ME, runningHere }).do).not.toBe("claim");
  });
});
