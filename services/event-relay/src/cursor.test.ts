import { describe, expect, test } from "vitest";
import { digestOf, findCursor, formatCursor, NO_DIGEST, parseCursor } from "./cursor.ts";
import { chooseResume } from "./resume.ts";

const digest = digestOf("run_1:4");

describe("a cursor", () => {
  test.each([
    { epoch: "epoch1", position: 0, digest: NO_DIGEST },
    { epoch: "a".repeat(32), position: Number.MAX_SAFE_INTEGER, digest },
  ])("comes back as it was given: %j", (cursor) => {
    expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  });

  test.each([
    "",
    "garbage",
    "-1",
    "1e30",
    `epoch1.-1.${digest}`,
    `epoch1.1e30.${digest}`,
    `epoch1.01.${digest}`,
    `epoch1.9007199254740993.${digest}`,
    `epoch1.1.${digest} `,
    `epoch1.1.${digest}x`,
    "epoch1.1.",
    `EPOCH1.1.${digest}`,
    `epoch1.1.${digest}\n`,
    `.1.${digest}`,
    `${"e".repeat(33)}.1.${digest}`,
    "epoch1.1.--",
    "x".repeat(100_000),
  ])("is refused when it is %j", (text) => {
    expect(findCursor(text)).toBeUndefined();
    expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: "OV_EVENT_ID_INVALID" }));
  });
});

describe("a client that comes back", () => {
  const log = { epoch: "epoch1", bounds: { first: 10, last: 20 }, digest };
  test.each([
    ["at an event that is still there goes on", { position: 15 }, log, { go: "on" }],
    ["at the newest event goes on", { position: 20 }, log, { go: "on" }],
    ["just before the oldest goes on: nothing is missing", { position: 9 }, { ...log, digest: NO_DIGEST }, { go: "on" }],
    ["older than the log is told of the gap", { position: 8 }, { ...log, digest: NO_DIGEST }, { go: "gap", position: 9 }],
    ["from before the first event is told of the gap", { position: 0, digest: NO_DIGEST }, log, { go: "gap", position: 9 }],
    ["from the future is reset", { position: 21 }, { ...log, digest: NO_DIGEST }, { go: "reset", reason: "beyond_end" }],
    ["of another epoch is reset", { epoch: "epoch2" }, log, { go: "reset", reason: "other_epoch" }],
    [
      "at another event in the same place is reset",
      { position: 15 },
      { ...log, digest: "other---" },
      { go: "reset", reason: "digest_mismatch" },
    ],
    ["without a digest where there is an event is reset", { digest: NO_DIGEST }, log, { go: "reset", reason: "digest_mismatch" }],
    [
      "to an empty log that never had an event goes on",
      { position: 0, digest: NO_DIGEST },
      { epoch: "epoch1", bounds: { first: 1, last: 0 }, digest: NO_DIGEST },
      { go: "on" },
    ],
    [
      "to a log that was purged to its end goes on",
      { position: 20 },
      { epoch: "epoch1", bounds: { first: 21, last: 20 }, digest: NO_DIGEST },
      { go: "on" },
    ],
  ] as const)("%s", (_, changes, state, expected) => {
    expect(chooseResume({ epoch: "epoch1", position: 15, digest, ...changes }, state)).toEqual(expected);
  });
});
