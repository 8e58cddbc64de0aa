import { request } from "node:http";
import { connect } from "node:net";

const ANSWER_WITHIN_MS = 2_000;

/** What a NATS server says of itself to every client, first thing: https://docs.nats.io/reference/reference-protocols/nats-protocol */
export interface NatsInfo {
  readonly version: string;
  readonly serverName: string;
}

/** Connects as a client would and reads the server's INFO line. */
export function readNatsInfo(url: string): Promise<NatsInfo> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || "4222") });
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error(`${hostname}:${port} says nothing`)));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`${hostname}:${port} closed the connection`)));
    socket.on("data", (piece: string) => {
      text += piece;
      if (!text.includes("\r\n")) return;
      try {
        resolve(parseNatsInfo(text));
      } catch (error) {
        reject(error);
      }
      socket.destroy();
    });
  });
}

function parseNatsInfo(text: string): NatsInfo {
  const json = /^INFO (\{.*\})\s*\r\n/.exec(text)?.[1];
  const info: unknown = json === undefined ? undefined : JSON.parse(json);
  if (typeof info !== "object" || info === null || !("version" in info && "server_name" in info)) throw new Error("that is no NATS server");
  return { version: String(info.version), serverName: String(info.server_name) };
}

/**
 * Asks the monitoring port whether JetStream can be used.
 * `alone`: it is enabled, and then its streams are recovered. `member`: it is current with the leader of the cluster.
 */
export function askHealth(monitorUrl: string, role: "alone" | "member"): Promise<void> {
  const question = role === "alone" ? "js-enabled-only=true" : "js-meta-only=true";
  return new Promise((resolve, reject) => {
    const asking = request(`${monitorUrl}/healthz?${question}`, { agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${monitorUrl}/healthz answers ${response.statusCode}`));
    });
    asking.on("timeout", () => asking.destroy(new Error(`${monitorUrl} does not answer`)));
    asking.on("error", reject);
    asking.end();
  });
}
