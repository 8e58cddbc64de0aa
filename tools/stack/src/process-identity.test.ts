import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProcess, findProcess, isAlive } from "./process-identity.ts";

test("a process is ended, and is not alive from then on", async () => {
  await using sleeper = aSleeper();

  await endProcess(sleeper.identity, "SIGTERM", 5_000);

  expect(isAlive(sleeper.identity)).toBe(false);
});

test("a process of the same number that was born at another time is left alone", async () => {
  await using sleeper = aSleeper();

  await endProcess({ ...sleeper.identity, bornAt: "1" }, "SIGKILL", 5_000);

  expect(isAlive(sleeper.identity)).toBe(true);
});

test("a process that does not listen to the signal is killed when its time is over", async () => {
  await using sleeper = aSleeper();
  process.kill(sleeper.identity.pid, "SIGSTOP");

  await endProcess(sleeper.identity, "SIGTERM", 100);

  expect(isAlive(sleeper.identity)).toBe(false);
});

function aSleeper() {
  const child = spawn("sleep", ["60"]);
  const identity = findProcess(child.pid ?? 0);
  if (identity === undefined) throw new Error("sleep did not start");
  return {
    identity,
    [Symbol.asyncDispose]: async () => {
      if (child.kill("SIGKILL")) await once(child, "exit");
    },
  };
}
