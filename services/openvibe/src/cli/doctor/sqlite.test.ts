import { expect, test } from "vitest";
import { judgeDisk } from "./sqlite.ts";

const MIB = 1024 ** 2;

test.each([
  [99 * MIB, "fail"],
  [100 * MIB, "warn"],
  [1_023 * MIB, "warn"],
  [1_024 * MIB, "ok"],
])("%d bytes free: %s", (free, level) => {
  expect(judgeDisk("/data", free)).toMatchObject({
    check: "store.disk",
    level,
    what: expect.stringContaining(`${Math.floor(free / MIB)} MiB`),
  });
});
