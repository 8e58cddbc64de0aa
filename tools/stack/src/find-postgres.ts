import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installPackage } from "./distribution-package.ts";
import { findDocker } from "./docker.ts";
import type { StackEnvironment } from "./environment.ts";
import type { FindOptions } from "./find-nats.ts";
import { findPrograms } from "./find-programs.ts";
import { runCommand } from "./run-command.ts";
import { findVersion, formatVersion, isAtLeast, type Version } from "./version.ts";
import { type Attempt, FoundBy, firstWay } from "./ways.ts";

const OLDEST_POSTGRES: Version = { major: 14, minor: 0, patch: 0 };
const POSTGRES_IMAGE = "postgres:17-alpine";
const DEBIAN_FOLDER = "/usr/lib/postgresql";

/** Where a Postgres comes from: somebody else's, a folder with `postgres` and `initdb` in it, or an image to start. */
export type PostgresSource =
  | { readonly type: "given"; readonly foundBy: FoundBy; readonly url: string }
  | { readonly type: "programs"; readonly foundBy: FoundBy; readonly folder: string }
  | { readonly type: "image"; readonly foundBy: FoundBy; readonly image: string };

/** Finds a Postgres by the first way that works. @throws an error of one line that names all ways */
export function findPostgres(environment: StackEnvironment, options: FindOptions): Promise<PostgresSource> {
  const { databaseUrl: url } = environment;
  return firstWay(`Postgres >= ${OLDEST_POSTGRES.major}`, "Set OPENVIBE_TEST_DATABASE_URL, install Postgres, or start Docker.", [
    {
      name: "OPENVIBE_TEST_DATABASE_URL",
      find: async () => {
        if (options.own) return { missing: "the caller needs a server of its own" };
        return url === undefined ? { missing: "not set" } : { found: { type: "given", foundBy: FoundBy.Environment, url } };
      },
    },
    { name: "PATH and /usr/lib/postgresql", find: () => findInstalled(environment.path, FoundBy.Path) },
    { name: "apt-get", find: () => findPackaged(environment, options) },
    { name: "Docker", find: findImage },
  ]);
}

async function findInstalled(path: readonly string[], foundBy: FoundBy): Promise<Attempt<PostgresSource>> {
  const tooOld: string[] = [];
  for (const postgres of await findPrograms("postgres", [...path, ...(await debianFolders())])) {
    // PATH may hold links to some of the programs only: all of them stand beside the real one.
    const folder = dirname(await realpath(postgres));
    const version = findVersion((await runCommand(postgres, ["--version"])).output);
    const complete = (await findPrograms("initdb", [folder])).length === 1;
    if (version !== undefined && isAtLeast(version, OLDEST_POSTGRES) && complete) return { found: { type: "programs", foundBy, folder } };
    const flaw = version === undefined ? "no Postgres" : complete ? formatVersion(version) : "without initdb";
    tooOld.push(`${postgres} is ${flaw}`);
  }
  return { missing: tooOld.join(", ") || "none there" };
}

/** The folders of Debian's versions, newest first. */
async function debianFolders(): Promise<readonly string[]> {
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN_FOLDER, version, "bin"));
}

async function findPackaged(environment: StackEnvironment, { notify }: FindOptions): Promise<Attempt<PostgresSource>> {
  const request = {
    name: "postgresql",
    accepts: (version: Version) => isAtLeast(version, OLDEST_POSTGRES),
    ...(notify === undefined ? {} : { notify }),
  };
  const missing = await installPackage(environment, request);
  return missing === undefined ? findInstalled([], FoundBy.Package) : { missing };
}

async function findImage(): Promise<Attempt<PostgresSource>> {
  if ((await findDocker()) === undefined) return { missing: "no daemon answers" };
  return { found: { type: "image", foundBy: FoundBy.Docker, image: POSTGRES_IMAGE } };
}
