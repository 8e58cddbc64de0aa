import { setTimeout as delay } from "node:timers/promises";
import { openLane } from "./lane.ts";
import type { StartedSystem } from "./systems/system.ts";
import { findWrongField, toW4Input, toW4Output } from "./w4.ts";

const WITHIN_MS = 30_000;
const AGAIN_MS = 5;

/** Asks for run 0 until it is done; gives the milliseconds since the system's first process was spawned. It counts as one accepted run. */
export async function awaitFirstRun(system: StartedSystem, signal: AbortSignal): Promise<number> {
  const input = toW4Input(0, 0);
  const { path, headers, body } = system.toRequest(input);
  for (;;) {
    signal.throwIfAborted();
    system.check();
    const answer = await ask(system.port, path, JSON.stringify(body), headers);
    if (answer?.status === 200) {
      const wrong = findWrongField(system.readOutput(JSON.parse(answer.body)), toW4Output(input));
      if (wrong !== undefined) throw new Error(`the first run: ${wrong} is wrong in ${answer.body}`);
      return performance.now() - system.spawnedAt;
    }
    // 404: no worker has registered the operator yet. Anything else may have left a run behind.
    if (answer !== undefined && answer.status !== 404) throw new Error(`the first run was answered ${answer.status}: ${answer.body}`);
    if (performance.now() - system.spawnedAt > WITHIN_MS)
      throw new Error(`no run was done within ${WITHIN_MS} ms: ${answer?.body ?? "nobody listens"}`);
    await delay(AGAIN_MS);
  }
}

async function ask(port: number, path: string, body: string, headers: Readonly<Record<string, string>> | undefined) {
  let lane: Awaited<ReturnType<typeof openLane>>;
  try {
    lane = await openLane(port);
  } catch {
    return undefined; // nobody listens yet
  }
  using _lane = lane;
  return await lane.post(path, body, headers);
}
