import { randomBytes } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { createContainerUnit, dockerHost } from "./container-unit.ts";
import { getDocker } from "./docker.ts";
import type { PostgresSource } from "./find-postgres.ts";
import { freePort } from "./free-port.ts";
import { OwnServer } from "./own-server.ts";
import { createDatabase, readPostgresVersion } from "./postgres-database.ts";
import type { PostgresOptions, PostgresServer } from "./postgres-server.ts";
import { type Account, createServerFolder, ProcessUnit, removeServerFolder } from "./process-unit.ts";
import { runCommand } from "./run-command.ts";
import type { Keepable, Unit } from "./unit.ts";

const INITDB_WITHIN_MS = 60_000;

/** Starts a Postgres that is ours alone. @throws ServerStartError */
export async function startOwnPostgres(
  source: Exclude<PostgresSource, { type: "given" }>,
  { settings }: PostgresOptions,
  outlive: boolean,
): Promise<PostgresServer & Keepable> {
  const port = await freePort();
  const allSettings = { max_connections: "200", fsync: "on", synchronous_commit: "on", ...settings };
  const { unit, host } =
    source.type === "programs"
      ? await createProcess(source.folder, port, allSettings)
      : await createContainer(source.image, port, allSettings, outlive);
  const server = new OwnPostgresServer({
    name: "Postgres",
    unit,
    url: `postgres://postgres@${host}:${port}/postgres`,
    foundBy: source.foundBy,
  });
  try {
    await server.startFirst();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function createProcess(programs: string, port: number, settings: Record<string, string>): Promise<{ unit: Unit; host: string }> {
  const account = await findAccount();
  const folder = await createServerFolder("postgres", account);
  try {
    const data = join(folder, "data");
    const initdb = ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"];
    const { failure } = await runCommand(join(programs, "initdb"), initdb, {
      cwd: folder,
      env: { PATH: process.env.PATH, TZ: "UTC" },
      timeoutMs: INITDB_WITHIN_MS,
      ...account,
    });
    if (failure !== undefined) throw new Error(failure);
    const ours = { ...settings, listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: "" };
    await appendFile(join(data, "postgresql.conf"), toPostgresSettingsText(ours));
    const unit = new ProcessUnit({
      file: join(programs, "postgres"),
      args: ["-D", data],
      folder,
      stopSignal: "SIGQUIT", // SIGKILL would leave its shared memory behind
      ...(account === undefined ? {} : { account }),
    });
    return { unit, host: "127.0.0.1" };
  } catch (error) {
    await removeServerFolder(folder);
    throw error;
  }
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
    command: ["postgres", ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    environment: { POSTGRES_HOST_AUTH_METHOD: "trust", POSTGRES_INITDB_ARGS: "-E UTF8 --locale=C" },
    ports: [{ inside: 5432, host: port }],
    outlive,
  });
  return { unit, host: dockerHost(await getDocker()) };
}

/** Postgres refuses to run as root: then it runs as `postgres` where there is such a user, else as `nobody`. */
async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([runCommand("id", ["-u", user]), runCommand("id", ["-g", user])]);
    if (uid.failure === undefined && gid.failure === undefined) return { uid: Number(uid.output), gid: Number(gid.output) };
  }
  throw new Error("Postgres does not run as root, and there is neither a user postgres nor nobody");
}

/** Writes lines of `postgresql.conf`; of a name that stands twice the last one counts. */
function toPostgresSettingsText(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return ["", ...lines, ""].join("\n");
}

class OwnPostgresServer extends OwnServer implements PostgresServer {
  createDatabase(): Promise<string> {
    return createDatabase(this.url);
  }

  async stopImmediate(): Promise<void> {
    await this.unit.end("SIGQUIT");
  }

  async stop(): Promise<void> {
    await this.unit.end("SIGINT", 30_000);
  }

  protected probe(): Promise<string> {
    return readPostgresVersion(this.url);
  }
}
