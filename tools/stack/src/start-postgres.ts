import { readEnvironment } from "./environment.ts";
import { findPostgres } from "./find-postgres.ts";
import { startOwnPostgres } from "./own-postgres-server.ts";
import { createDatabase, dropDatabase, readPostgresVersion } from "./postgres-database.ts";
import type { PostgresOptions, PostgresServer } from "./postgres-server.ts";
import { type Keepable, withFreshPorts } from "./unit.ts";
import { FoundBy } from "./ways.ts";

/** Starts a Postgres on 127.0.0.1, or takes the one that `OPENVIBE_TEST_DATABASE_URL` names. */
export function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  return openPostgres(options, { outlive: false });
}

/** `outlive`: it will be kept. */
export async function openPostgres(options: PostgresOptions, { outlive }: { outlive: boolean }): Promise<PostgresServer & Keepable> {
  const { notify } = options;
  const own = options.own === true || options.settings !== undefined;
  const source = await findPostgres(readEnvironment(process.env), { own, ...(notify === undefined ? {} : { notify }) });
  if (source.type === "given") return openGivenPostgres(source.url);
  return withFreshPorts(() => startOwnPostgres(source, options, outlive));
}

async function openGivenPostgres(url: string): Promise<PostgresServer & Keepable> {
  const version = await readPostgresVersion(url).catch((cause: unknown) => {
    throw new Error(`OPENVIBE_TEST_DATABASE_URL names a server that does not answer: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  });
  const made = new Set<string>();
  const notOurs = async () => {
    throw new Error("OPENVIBE_TEST_DATABASE_URL gave this server, so it is not ours to stop: use startPostgres({ own: true })");
  };
  return {
    url,
    pid: undefined,
    version,
    foundBy: FoundBy.Environment,
    createDatabase: async () => {
      const databaseUrl = await createDatabase(url);
      made.add(databaseUrl);
      return databaseUrl;
    },
    stopImmediate: notOurs,
    start: async () => {},
    stop: notOurs,
    keep: async () => [],
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...made].map((databaseUrl) => dropDatabase(url, databaseUrl)));
      made.clear();
    },
  };
}
