import { expect, test } from "vitest";
import { isTerminalEventType, TERMINAL_EVENT_TYPES, terminalEventType } from "./events.ts";
import { isFinal, RUN_STATUSES, type RunStatus } from "./run-status.ts";

const FINAL: Readonly<Record<RunStatus, boolean>> = {
  queued: false,
  running: false,
  waiting: false,
  completed: true,
  failed: true,
  cancelled: true,
  timed_out: true,
  dead_lettered: true,
};

test("a run has eight states", () => {
  expect(RUN_STATUSES.toSorted()).toEqual(Object.keys(FINAL).toSorted());
});

test.each(Object.entries(FINAL) as [RunStatus, boolean][])("%s is final: %s", (status, final) => {
  expect(isFinal(status)).toBe(final);
});

test("each final state, and no other, has the event that ends a run", () => {
  const final = RUN_STATUSES.filter((status) => isFinal(status));

  expect(final.map(terminalEventType)).toEqual(TERMINAL_EVENT_TYPES);
  for (const status of RUN_STATUSES) expect(isTerminalEventType(`run.${status}`)).toBe(FINAL[status]);
  expect(isTerminalEventType("run_completed")).toBe(false);
});
