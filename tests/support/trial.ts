import { judge, type Strike, type Verdict } from "./checker.ts";
import { quiesce } from "./collect.ts";
import type { LoadLog } from "./load.ts";
import type { Mesh } from "./mesh.ts";

/** Lets a trial come to rest and judges it. */
export async function judgeTrial(
  mesh: Mesh,
  log: LoadLog,
  strikes: readonly Strike[],
  { plannedStrikes = strikes.length, withinMs = 60_000 }: { plannedStrikes?: number; withinMs?: number } = {},
): Promise<Verdict> {
  const { runs, events } = await quiesce({
    databaseUrl: mesh.databaseUrl,
    brokerUrl: mesh.broker.url,
    accepted: log.accepted.length,
    withinMs,
  });
  return judge({ accepted: log.accepted, runs, events, records: await mesh.records(), strikes, plannedStrikes, trailOf: mesh.trailOf });
}
