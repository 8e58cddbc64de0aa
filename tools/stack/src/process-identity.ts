import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process and when it was born, so that a process that got the same number later is never taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat` (see proc_pid_stat(5)), where there is no /proc what `ps -o lstart=` prints. */
  readonly bornAt: string;
}

/** Finds the identity of a process that lives now. A zombie does not live. */
export function findProcess(pid: number): ProcessIdentity | undefined {
  const bornAt = existsSync("/proc/self/stat") ? bornByProc(pid) : bornByPs(pid);
  return bornAt === undefined ? undefined : { pid, bornAt };
}

export function isAlive({ pid, bornAt }: ProcessIdentity): boolean {
  return findProcess(pid)?.bornAt === bornAt;
}

/** Sends the signal and resolves when the process is gone; after `graceMs` it gets SIGKILL. Of another process of that number nothing happens. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  if (!isAlive(identity)) return;
  process.kill(identity.pid, signal);
  for (let waitedMs = 0; isAlive(identity); waitedMs += 20) {
    if (waitedMs >= graceMs) process.kill(identity.pid, "SIGKILL");
    await sleep(20);
  }
}

function bornByProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // no such process
  }
  // The program's name stands in parentheses and may hold anything, so fields are counted from behind it: state is the third.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" ? undefined : rest[18];
}

function bornByPs(pid: number): string | undefined {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined; // ps exits with 1 when there is no such process
  }
}
