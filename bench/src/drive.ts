import { type Lane, openLanes } from "./lane.ts";
import { type Census, takeCensus } from "./processes.ts";
import type { StartedSystem } from "./systems/system.ts";
import { findWrongField, toW4Input, toW4Output } from "./w4.ts";

/** Puts runs to a system and counts what it accepted. */
export interface Client {
  readonly system: StartedSystem;
  readonly signal: AbortSignal;
  /** Runs that were begun; the next one's number. */
  begun: number;
  /** Runs that were answered, each with the right output. */
  accepted: number;
}

/** One run, over one lane. Gives the milliseconds until its end was seen. @throws when the answer is not the finished run with the right output */
async function runOne(client: Client, lane: Lane, modelMs: number): Promise<number> {
  const input = toW4Input(client.begun++, modelMs);
  const { path, headers, body } = client.system.toRequest(input);
  const text = JSON.stringify(body);
  const from = performance.now();
  const answer = await lane.post(path, text, headers);
  const latencyMs = performance.now() - from;
  if (answer.status !== 200) throw new Error(`run ${input.number} was answered ${answer.status}: ${answer.body.slice(0, 2_000)}`);
  const wrong = findWrongField(client.system.readOutput(JSON.parse(answer.body)), toW4Output(input));
  if (wrong !== undefined) throw new Error(`run ${input.number}: ${wrong} is wrong in ${answer.body.slice(0, 4_000)}`);
  client.accepted++;
  return latencyMs;
}

export interface LoadPlan {
  readonly inFlight: number;
  readonly modelMs: number;
  /** Measured for about this long; a started wave is waited for. */
  readonly seconds: number;
  /** But no more runs than this. */
  readonly runs: number;
}

export interface LoadSeen {
  readonly runs: number;
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
  readonly before: Census;
  readonly after: Census;
}

/**
 * Not measured: lanes that began together keep in step for a while, and V8 optimizes anew for another way of working: a process's CPU per run falls by a tenth
 * in the first seconds of each load. A service runs for days.
 */
const LEAD_MS = 3_000;

/**
 * Keeps `inFlight` runs in flight. The first waves (one run of each lane) are not measured, and then whole waves are: where runs keep in step, a window that
 * cuts a wave would count up to one wave too many or too few.
 */
export async function drive(client: Client, { inFlight, modelMs, seconds, runs }: LoadPlan): Promise<LoadSeen> {
  const latenciesMs: number[] = [];
  const beganAt = performance.now();
  let lead = 0;
  let done = 0;
  let startedAt = 0;
  let endedAt: number | undefined;
  let before: Census | undefined;
  let after: Census | undefined;
  let failed = false;
  const count = (latencyMs: number) => {
    done++;
    if (before === undefined) {
      const led = done % inFlight === 0 && (performance.now() - beganAt >= LEAD_MS || done >= runs);
      if (!led) return;
      lead = done;
      before = takeCensus();
      startedAt = performance.now();
    } else if (endedAt === undefined) {
      latenciesMs.push(latencyMs);
      const measured = done - lead;
      const enough = performance.now() - startedAt >= seconds * 1_000 || measured >= runs;
      if (!enough || measured % inFlight !== 0) return;
      endedAt = performance.now();
      after = takeCensus();
    }
  };
  const keepOneInFlight = async (lane: Lane) => {
    while (endedAt === undefined && !failed) {
      client.signal.throwIfAborted();
      count(await runOne(client, lane, modelMs));
    }
  };
  // Fresh ones each time: a server may close what lay idle.
  using lanes = await openLanes(client.system.port, inFlight);
  const fail = (error: unknown) => {
    failed = true; // the other lanes end with the run they are at
    throw error;
  };
  await Promise.all(lanes.list.map((lane) => keepOneInFlight(lane).catch(fail)));
  if (before === undefined || after === undefined || endedAt === undefined) throw new Error("the load ended before it was measured");
  return { runs: latenciesMs.length, elapsedMs: endedAt - startedAt, latenciesMs, before, after };
}
