import { OpenVibeError } from "@openvibe/core";
import { APPEND, BOUNDS, PAGE, TRIM } from "./event-log-scripts.ts";
import { LIST, READ, WRITE } from "./bucket-scripts.ts";
import { ASK } from "./requests-script.ts";
import type { Script } from "./script.ts";
import type { Client } from "./wire.ts";
import { DONE, PUBLISH, RELEASE, REQUEUE } from "./work-queue-scripts.ts";

/** `XADD` gives numbers of its own behind `0-` since then. https://redis.io/docs/latest/commands/xadd/ */
export const OLDEST_REDIS = 7;

const SCRIPTS: readonly Script[] = [PUBLISH, DONE, RELEASE, REQUEUE, APPEND, BOUNDS, PAGE, TRIM, READ, WRITE, LIST, ASK];

/** Makes sure that the server is one that will do, and gives it the scripts. @throws OpenVibeError OV_BUS_CONFIG */
export async function greet(client: Client): Promise<void> {
  const info = await client.sendCommand<string>(["INFO", "server"]);
  const [version, mode] = [readField(info, "redis_version"), readField(info, "redis_mode")];
  if (Number.parseInt(version, 10) < OLDEST_REDIS)
    throw new OpenVibeError("OV_BUS_CONFIG", `Redis is ${version}; OpenVibe needs ${OLDEST_REDIS}.0 or newer`);
  if (mode === "cluster")
    throw new OpenVibeError("OV_BUS_CONFIG", "Redis runs as a cluster; OpenVibe needs one server, which may have replicas");
  await Promise.all(SCRIPTS.map(({ text }) => client.sendCommand(["SCRIPT", "LOAD", text])));
}

/** One line of what INFO answers; empty where it does not say. */
export function readField(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
}
