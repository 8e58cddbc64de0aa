import { type Finding, failFinding, messageOf, okFinding, silentLogger, warnFinding } from "@openvibe/core";
import { isLoginRefused } from "./errors.ts";
import { OLDEST_REDIS, readField } from "./greet.ts";
import { parseRedisUrl } from "./options.ts";
import { type Client, Wire } from "./wire.ts";

/** Of `maxmemory`: what is left then fills soon. */
const NEARLY_FULL = 0.8;

/** What `openvibe doctor` tells of a Redis server. Changes nothing on it. @throws OpenVibeError OV_CONFIG_INVALID */
export async function examineRedis(url: string): Promise<readonly Finding[]> {
  const check = "broker.connection";
  const address = parseRedisUrl(url);
  const wire = new Wire({ address, name: "openvibe-doctor", logger: silentLogger });
  try {
    await wire.open();
    return [okFinding(check, `${address.host} lets us in`), ...(await examine(wire.client))];
  } catch (error) {
    const refused = isLoginRefused(error);
    const what = refused ? `${address.host} refuses the login` : `${address.host} cannot be reached: ${messageOf(error)}`;
    const todo = refused ? "check user and password in REDIS_URL" : "start that server, or correct REDIS_URL";
    return [failFinding(check, what, { why: "nothing works without the broker", todo })];
  } finally {
    await wire.close();
  }
}

async function examine(client: Client): Promise<readonly Finding[]> {
  const info = await client.sendCommand<string>(["INFO"]);
  const field = (name: string) => readField(info, name);
  const version = examineVersion(field("redis_version"));
  if (version.level === "fail") return [version];
  return [version, examineMode(field("redis_mode")), ...(await examinePersistence(client, field("aof_enabled"))), ...examineMemory(field)];
}

function examineVersion(version: string): Finding {
  const check = "broker.version";
  if (Number.parseInt(version, 10) >= OLDEST_REDIS) return okFinding(check, `Redis is ${version}`);
  const todo = `take Redis ${OLDEST_REDIS}.0 or newer`;
  return failFinding(check, `Redis is ${version}`, { why: "it lacks what the event log counts with", todo });
}

function examineMode(mode: string): Finding {
  const check = "broker.mode";
  if (mode !== "cluster") return okFinding(check, "Redis is one server");
  const why = "what belongs together would lie on different servers";
  return failFinding(check, "Redis runs as a cluster", { why, todo: "take one server, with replicas where it must not stand alone" });
}

async function examinePersistence(client: Client, aofEnabled: string): Promise<readonly Finding[]> {
  const check = "broker.disk";
  if (aofEnabled !== "1") {
    const why = "a restart loses the event log, what operators share, and for a while the wake-ups";
    return [failFinding(check, "the append-only file is off", { why, todo: "set appendonly yes" })];
  }
  // A hosted server may not tell how it is set up.
  const [, fsync] = await client.sendCommand<string[]>(["CONFIG", "GET", "appendfsync"]).catch(() => []);
  if (fsync === "always") return [okFinding(check, "what is acknowledged is on the disk (appendfsync always)")];
  const what = fsync === undefined ? "how often the append-only file is written to the disk is not told" : `appendfsync is ${fsync}`;
  const why = "a power cut takes what was acknowledged in the last second or more: runs are not lost by it, what operators share may be";
  return [warnFinding(check, what, { why, todo: "set appendfsync always, or keep a replica in another place" })];
}

function examineMemory(field: (name: string) => string): readonly Finding[] {
  const check = "broker.memory";
  const policy = field("maxmemory_policy");
  const [limit, used] = [Number(field("maxmemory")), Number(field("used_memory"))];
  if (policy !== "noeviction") {
    const why = "a server that runs full drops keys of its choice, what ends a run among them, instead of saying so";
    return [failFinding(check, `maxmemory-policy is ${policy}`, { why, todo: "set maxmemory-policy noeviction" })];
  }
  if (limit > 0 && used > limit * NEARLY_FULL) {
    const what = `${Math.round((used / limit) * 100)} % of maxmemory are used`;
    return [warnFinding(check, what, { why: "a full server takes no wake-ups and no events", todo: "give it more memory" })];
  }
  return [okFinding(check, "what is stored stays (maxmemory-policy noeviction)")];
}
