import { randomBytes } from "node:crypto";
import { createContainerUnit, dockerHost } from "./container-unit.ts";
import { getDocker } from "./docker.ts";
import type { RedisSource } from "./find-redis.ts";
import { freePort } from "./free-port.ts";
import { OwnServer } from "./own-server.ts";
import { createServerFolder, ProcessUnit } from "./process-unit.ts";
import { readRedisInfo } from "./redis-probe.ts";
import type { RedisOptions, RedisServer } from "./redis-server.ts";
import type { Keepable, Unit } from "./unit.ts";

/** Starts a Redis that is ours alone. @throws ServerStartError */
export async function startOwnRedis(
  source: Exclude<RedisSource, { type: "given" }>,
  { settings }: RedisOptions,
  outlive: boolean,
): Promise<RedisServer & Keepable> {
  const port = await freePort();
  const allSettings = { appendonly: "yes", save: "", ...settings };
  const { unit, host } =
    source.type === "program"
      ? await createProcess(source.file, port, allSettings)
      : await createContainer(source.image, port, allSettings, outlive);
  const server = new OwnRedisServer({ name: "redis-server", unit, url: `redis://${host}:${port}`, foundBy: source.foundBy });
  try {
    await server.startFirst();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function createProcess(file: string, port: number, settings: Record<string, string>): Promise<{ unit: Unit; host: string }> {
  const folder = await createServerFolder("redis");
  const args = toArguments({ ...settings, bind: "127.0.0.1", port: String(port), dir: folder });
  return { unit: new ProcessUnit({ file, args, folder, stopSignal: "SIGKILL" }), host: "127.0.0.1" };
}

async function createContainer(
  image: string,
  port: number,
  settings: Record<string, string>,
  outlive: boolean,
): Promise<{ unit: Unit; host: string }> {
  const unit = await createContainerUnit({
    name: `openvibe-test-${randomBytes(6).toString("hex")}`,
    image,
    command: ["redis-server", ...toArguments({ ...settings, "protected-mode": "no" })],
    environment: {},
    ports: [{ inside: 6379, host: port }],
    outlive,
  });
  return { unit, host: dockerHost(await getDocker()) };
}

function toArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

class OwnRedisServer extends OwnServer implements RedisServer {
  async kill(): Promise<void> {
    await this.unit.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.unit.end("SIGTERM", 30_000);
  }

  protected async probe(): Promise<string> {
    const { version, pid } = await readRedisInfo(this.url);
    if (this.unit.pid !== undefined && pid !== this.unit.pid) throw new Error(`another server listens on ${this.url}`);
    return version;
  }
}
