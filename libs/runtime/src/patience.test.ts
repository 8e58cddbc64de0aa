import { OpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { patiently, pause } from "./patience.ts";

const forever = new AbortController().signal;

/** Fails with these, one after the other, then succeeds. */
function failing(...errors: unknown[]) {
  const calls: unknown[] = [];
  return {
    calls,
    async call() {
      calls.push(errors[calls.length]);
      const error = calls.at(-1);
      if (error !== undefined) throw error;
      return "done";
    },
  };
}

const away = (code: "OV_STORE_UNAVAILABLE" | "OV_BUS_UNAVAILABLE" | "OV_OUTCOME_UNKNOWN") => new OpenVibeError(code, "away");

describe("patience", () => {
  test("repeats a call while store or bus are away", async () => {
    const { call, calls } = failing(away("OV_STORE_UNAVAILABLE"), away("OV_BUS_UNAVAILABLE"), away("OV_OUTCOME_UNKNOWN"));
    const outages: number[] = [];

    expect(await patiently(call, { signal: forever, onOutage: (attempt) => void outages.push(attempt) })).toBe("done");

    expect(calls).toHaveLength(4);
    expect(outages).toEqual([0, 1, 2]);
  });

  test.each([[new Error("other")], [new OpenVibeError("OV_BUS_FULL", "full")], [new OpenVibeError("OV_RUN_UNSTORABLE", "odd")], ["text"]])(
    "does not repeat after %s",
    async (error) => {
      const { call, calls } = failing(error);

      await expect(patiently(call, { signal: forever })).rejects.toBe(error);

      expect(calls).toHaveLength(1);
    },
  );

  test("ends with the last error when its signal aborts, in a pause too", async () => {
    const error = away("OV_STORE_UNAVAILABLE");
    const stopping = new AbortController();
    const { call, calls } = failing(error, error, error, error, error, error, error, error);

    const ended = patiently(call, { signal: stopping.signal, onOutage: () => stopping.abort() });

    await expect(ended).rejects.toBe(error);
    expect(calls).toHaveLength(2); // once more after the pause: it may be back
  });

  test("makes the call once also when the signal aborted before", async () => {
    const { call } = failing();

    expect(await patiently(call, { signal: AbortSignal.abort() })).toBe("done");
  });
});

describe("a pause", () => {
  test("ends when its time is over", async () => {
    await pause(1);
    await pause(1, forever);
  });

  test("ends at once when its signal aborts, before or during", async () => {
    const stopping = new AbortController();
    const pausing = pause(3_600_000, stopping.signal);
    stopping.abort();

    await pausing;
    await pause(3_600_000, stopping.signal);
  });
});
