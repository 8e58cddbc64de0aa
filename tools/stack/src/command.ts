import { join } from "node:path";
import { parseArgs } from "node:util";
import { readEnvironment } from "./environment.ts";
import { endKeptServer, isRunning, type KeptRecord, type KeptServer, readRecords, recordServer } from "./kept-servers.ts";
import { openNatsCluster } from "./nats-cluster.ts";
import { openNats } from "./start-nats.ts";
import { openPostgres } from "./start-postgres.ts";
import { openRedis } from "./start-redis.ts";

/** What the command line asks for. */
export type StackRequest =
  | { readonly verb: "up"; readonly nats: 0 | 1 | 3; readonly postgres: boolean; readonly redis: boolean; readonly json: boolean }
  | { readonly verb: "down" | "status"; readonly json: boolean }
  | { readonly verb: "help" };

/** A command line that asks for nothing this command can do; its message is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const USAGE = `usage: stack up [--nats 1|3] [--redis] [--postgres] [--json]   start servers that keep running, print their URLs; without flags one nats-server and Postgres
       stack status [--json]                                  what runs, and how it was found
       stack down [--json]                                    end what up started
Take the URLs into a shell: eval "$(pnpm -s stack up)"
`;

/** Reads the arguments behind the program's name. @throws UsageError */
export function parseStackRequest(args: readonly string[]): StackRequest {
  const { values, positionals } = readFlags(args);
  const [verb, ...rest] = positionals;
  const json = values.json === true;
  if (values.help === true) return { verb: "help" };
  if (rest.length > 0) throw new UsageError(`stack ${verb} takes no argument "${rest[0]}"`);
  switch (verb) {
    case "up": {
      const { nats, postgres = false, redis = false } = values;
      if (nats === undefined && !postgres && !redis) return { verb, nats: 1, postgres: true, redis, json };
      if (nats !== undefined && nats !== "1" && nats !== "3") throw new UsageError(`--nats is 1 or 3, not "${nats}"`);
      return { verb, nats: nats === undefined ? 0 : nats === "3" ? 3 : 1, postgres, redis, json };
    }
    case "down":
    case "status":
      if (values.nats !== undefined || values.postgres === true || values.redis === true)
        throw new UsageError(`stack ${verb} takes no flag but --json`);
      return { verb, json };
    case undefined:
      throw new UsageError("stack needs a command: up, down or status");
    default:
      throw new UsageError(`stack knows no command "${verb}": up, down or status`);
  }
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        nats: { type: "string" },
        postgres: { type: "boolean" },
        redis: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (cause) {
    const [line = "wrong arguments"] = cause instanceof Error ? cause.message.split(". ") : [];
    throw new UsageError(line, { cause });
  }
}

export interface CommandOutput {
  /** What was asked for. */
  out(text: string): void;
  /** What happens meanwhile, for people. */
  notify(line: string): void;
}

/** Does what was asked for. */
export async function runStackCommand(request: StackRequest, output: CommandOutput): Promise<void> {
  const folder = join(readEnvironment(process.env).cacheFolder, "stack");
  switch (request.verb) {
    case "help":
      return output.out(USAGE);
    case "up": {
      const servers = await bringUp(folder, request, output);
      return output.out(request.json ? toJson(servers) : servers.map(toExportLine).join(""));
    }
    case "status": {
      const records = await readRecords(folder);
      const lines = await Promise.all(records.map(async ({ server }) => ({ ...toStatusBody(server), running: await isRunning(server) })));
      return output.out(request.json ? `${JSON.stringify({ servers: lines })}\n` : lines.map(toStatusLine).join("") || "nothing runs\n");
    }
    case "down": {
      const records = await readRecords(folder);
      await Promise.all(records.map(endKeptServer));
      const servers = records.map(({ server }) => server);
      return output.out(
        request.json ? toJson(servers) : servers.map((server) => `ended ${describe(server)}\n`).join("") || "nothing runs\n",
      );
    }
    default:
      return request satisfies never;
  }
}

/** Starts what is wanted and does not run yet. */
async function bringUp(
  folder: string,
  wanted: Extract<StackRequest, { verb: "up" }>,
  { notify }: CommandOutput,
): Promise<readonly KeptServer[]> {
  const running: KeptServer[] = [];
  for (const record of await readRecords(folder)) {
    if (await isRunning(record.server)) running.push(record.server);
    else await endDead(record, notify);
  }
  const nats = running.find(({ kind }) => kind === "nats");
  const size = nats?.urls.length;
  if (wanted.nats !== 0 && size !== undefined && size !== wanted.nats)
    throw new Error(`nats runs already, with ${size} of ${wanted.nats} servers: stack down first`);
  return Promise.all([
    ...(wanted.nats === 0 ? [] : [nats ?? keepNats(folder, wanted.nats, notify)]),
    ...(wanted.redis ? [running.find(({ kind }) => kind === "redis") ?? keepRedis(folder, notify)] : []),
    ...(wanted.postgres ? [running.find(({ kind }) => kind === "postgres") ?? keepPostgres(folder, notify)] : []),
  ]);
}

async function endDead(record: KeptRecord, notify: (line: string) => void): Promise<void> {
  notify(`${describe(record.server)} does not run any more`);
  await endKeptServer(record);
}

// Until it is written down, the server is tied to this process: a command that dies in between leaves nothing running.
async function keepNats(folder: string, size: 1 | 3, notify: (line: string) => void): Promise<KeptServer> {
  if (size === 3) {
    const cluster = await openNatsCluster({ size, notify }, { outlive: true });
    const [first] = cluster.servers;
    if (first === undefined) throw new Error("a cluster has servers");
    return keep(folder, { kind: "nats", urls: cluster.urls, version: first.version, foundBy: first.foundBy, units: await cluster.keep() });
  }
  const server = await openNats({ notify }, { outlive: true });
  return keep(folder, {
    kind: "nats",
    urls: server.url.split(","),
    version: server.version,
    foundBy: server.foundBy,
    units: await server.keep(),
  });
}

async function keepPostgres(folder: string, notify: (line: string) => void): Promise<KeptServer> {
  const server = await openPostgres({ notify }, { outlive: true });
  return keep(folder, {
    kind: "postgres",
    urls: [server.url],
    version: server.version,
    foundBy: server.foundBy,
    units: await server.keep(),
  });
}

async function keepRedis(folder: string, notify: (line: string) => void): Promise<KeptServer> {
  const server = await openRedis({ notify }, { outlive: true });
  return keep(folder, { kind: "redis", urls: [server.url], version: server.version, foundBy: server.foundBy, units: await server.keep() });
}

async function keep(folder: string, server: KeptServer): Promise<KeptServer> {
  await recordServer(folder, server);
  return server;
}

const VARIABLES: Readonly<Record<KeptServer["kind"], string>> = { nats: "NATS_URL", postgres: "DATABASE_URL", redis: "REDIS_URL" };

function toExportLine({ kind, urls }: KeptServer): string {
  return `export ${VARIABLES[kind]}='${urls.join(",").replaceAll("'", "'\\''")}'\n`;
}

function toStatusBody({ kind, urls, version, foundBy, units }: KeptServer) {
  return { kind, urls, version, found_by: foundBy, pids: units.flatMap((unit) => (unit.type === "process" ? [unit.pid] : [])) };
}

function toStatusLine({ kind, urls, version, found_by, pids, running }: ReturnType<typeof toStatusBody> & { running: boolean }): string {
  const state = running ? `runs${pids.length > 0 ? ` (pid ${pids.join(", ")})` : ""}` : "does not run any more";
  return `${kind} ${version} ${state} ${urls.join(",")} found by ${found_by}\n`;
}

function toJson(servers: readonly KeptServer[]): string {
  return `${JSON.stringify({ servers: servers.map(toStatusBody) })}\n`;
}

function describe({ kind, version, urls }: KeptServer): string {
  return `${kind} ${version} at ${urls.join(",")}`;
}
