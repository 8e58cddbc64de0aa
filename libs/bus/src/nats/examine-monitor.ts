import { type Finding, failFinding, messageOf, okFinding, warnFinding } from "@openvibe/core";

const WITHIN_MS = 3_000;
const CHECK = "broker.disk";
const WHY = "a power cut takes what was acknowledged and not yet on the disk: up to two minutes of it by default";
const TODO = "set sync_interval: always in the server's jetstream block, or keep three copies in three places";

/** How the server writes to its disk: no client is told, only its monitoring address says so. */
export async function examineMonitor(monitorUrl: string | undefined, replicas: number, clientIp = ""): Promise<readonly Finding[]> {
  if (monitorUrl === undefined) {
    // One copy on a developer's own machine is no news.
    if (replicas > 1 || /^(::1$|127\.)/.test(clientIp)) return [];
    const todo = "name its monitoring address: openvibe nats doctor --monitor http://host:8222";
    return [warnFinding(CHECK, "whether the one copy is on the disk when it is acknowledged cannot be seen from here", { why: WHY, todo })];
  }
  try {
    const response = await fetch(new URL("/varz", monitorUrl), { signal: AbortSignal.timeout(WITHIN_MS) });
    const { jetstream } = (await response.json()) as { jetstream?: { config?: { sync_always?: boolean; sync_interval?: number } } };
    const { sync_always: always = false, sync_interval: interval = 0 } = jetstream?.config ?? {};
    if (always) return [okFinding(CHECK, "what is acknowledged is on the disk (sync_interval: always)")];
    const what = `what is acknowledged is on the disk up to ${Math.round(interval / 1e9)} s later`;
    if (replicas > 1) return [okFinding(CHECK, `${what}; ${replicas} copies are kept`)];
    return [failFinding(CHECK, `${what}, and one copy is kept`, { why: WHY, todo: TODO })];
  } catch (error) {
    const what = `${new URL(monitorUrl).host} does not answer as a nats-server's monitoring does: ${messageOf(error)}`;
    return [warnFinding(CHECK, what, { why: WHY, todo: "correct the address given with --monitor" })];
  }
}
