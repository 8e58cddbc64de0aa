import { findProcess } from "./process-identity.ts";
import { Tether } from "./tether.ts";

/** Kills a process when this one is gone, however it went, SIGKILL too. Gives what unties them, for when it has ended. */
export function tieProcess(pid: number): () => Promise<void> {
  const tether = new Tether({ signal: "SIGKILL" });
  const identity = findProcess(pid);
  if (identity !== undefined) tether.hold(identity);
  return () => tether.release();
}
