import { installPackage } from "./distribution-package.ts";
import { findDocker } from "./docker.ts";
import type { StackEnvironment } from "./environment.ts";
import type { FindOptions } from "./find-nats.ts";
import { findPrograms } from "./find-programs.ts";
import { runCommand } from "./run-command.ts";
import { findVersion, formatVersion, isAtLeast, type Version } from "./version.ts";
import { type Attempt, FoundBy, firstWay } from "./ways.ts";

const OLDEST_REDIS: Version = { major: 7, minor: 0, patch: 0 };
const REDIS_IMAGE = "redis:7-alpine";

/** Where a Redis comes from: somebody else's, a program, or an image to start. */
export type RedisSource =
  | { readonly type: "given"; readonly foundBy: FoundBy; readonly url: string }
  | { readonly type: "program"; readonly foundBy: FoundBy; readonly file: string }
  | { readonly type: "image"; readonly foundBy: FoundBy; readonly image: string };

/** Finds a Redis by the first way that works. @throws an error of one line that names all ways */
export function findRedis(environment: StackEnvironment, options: FindOptions): Promise<RedisSource> {
  const { redisUrl: url } = environment;
  return firstWay(`redis-server >= ${OLDEST_REDIS.major}`, "Set OPENVIBE_TEST_REDIS_URL, install redis-server, or start Docker.", [
    {
      name: "OPENVIBE_TEST_REDIS_URL",
      find: async () => {
        if (options.own) return { missing: "the caller needs a server of its own" };
        return url === undefined ? { missing: "not set" } : { found: { type: "given", foundBy: FoundBy.Environment, url } };
      },
    },
    { name: "PATH", find: () => findInstalled(environment.path, FoundBy.Path) },
    { name: "apt-get", find: () => findPackaged(environment, options) },
    { name: "Docker", find: findImage },
  ]);
}

async function findInstalled(path: readonly string[], foundBy: FoundBy): Promise<Attempt<RedisSource>> {
  const tooOld: string[] = [];
  for (const file of await findPrograms("redis-server", path)) {
    // "Redis server v=7.0.15 sha=…"
    const { output } = await runCommand(file, ["--version"]);
    const version = findVersion(/\bv=(\S+)/.exec(output)?.[1] ?? "");
    if (version !== undefined && isAtLeast(version, OLDEST_REDIS)) return { found: { type: "program", foundBy, file } };
    tooOld.push(`${file} is ${version === undefined ? "no Redis" : formatVersion(version)}`);
  }
  return { missing: tooOld.join(", ") || "none there" };
}

async function findPackaged(environment: StackEnvironment, { notify }: FindOptions): Promise<Attempt<RedisSource>> {
  const request = {
    name: "redis-server",
    accepts: (version: Version) => isAtLeast(version, OLDEST_REDIS),
    ...(notify === undefined ? {} : { notify }),
  };
  const missing = await installPackage(environment, request);
  return missing === undefined ? findInstalled(["/usr/bin"], FoundBy.Package) : { missing };
}

async function findImage(): Promise<Attempt<RedisSource>> {
  if ((await findDocker()) === undefined) return { missing: "no daemon answers" };
  return { found: { type: "image", foundBy: FoundBy.Docker, image: REDIS_IMAGE } };
}
