import { createClient } from "@redis/client";

const CONNECT_WITHIN_MS = 5_000;

export interface RedisInfo {
  readonly version: string;
  /** Of the server's process, as it sees itself. */
  readonly pid: number;
}

/** Asks the server who it is. Throws when it does not take commands (yet). */
export async function readRedisInfo(url: string): Promise<RedisInfo> {
  const client = createClient({ url, RESP: 2, socket: { connectTimeout: CONNECT_WITHIN_MS, reconnectStrategy: false } });
  client.on("error", () => {}); // told by what is rejected
  try {
    await client.connect();
    await client.sendCommand(["DBSIZE"]); // refused while it loads its data
    const info = await client.sendCommand<string>(["INFO", "server"]);
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
    const version = field("redis_version");
    if (version === undefined) throw new Error("that is no Redis server");
    return { version, pid: Number(field("process_id")) };
  } finally {
    client.destroy();
  }
}
