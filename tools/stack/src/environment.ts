import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** What the tool takes from the environment. */
export interface StackEnvironment {
  /** `OPENVIBE_TEST_NATS_URL`: a NATS server to use as it is. */
  readonly natsUrl?: string;
  /** `OPENVIBE_TEST_DATABASE_URL`: a Postgres server to use as it is; its user must be allowed to create databases. */
  readonly databaseUrl?: string;
  /** `OPENVIBE_TEST_REDIS_URL`: a Redis server to use as it is. */
  readonly redisUrl?: string;
  /** `OPENVIBE_TEST_NATS_BINARY`: a nats-server to start whatever its version, to run the suites on an older one. */
  readonly natsBinary?: string;
  /** `OPENVIBE_TEST_NATS_VERSION`: exactly this nats-server, such as 2.10.27, brought in the same ways. */
  readonly natsVersion?: string;
  /** The folders of `PATH`, in order. */
  readonly path: readonly string[];
  /** `$XDG_CACHE_HOME/openvibe` or `~/.cache/openvibe`: what is built once per machine, and the records of `stack up`. */
  readonly cacheFolder: string;
}

/** Reads the environment; an empty variable counts as absent. */
export function readEnvironment(env: NodeJS.ProcessEnv): StackEnvironment {
  const natsUrl = env.OPENVIBE_TEST_NATS_URL;
  const databaseUrl = env.OPENVIBE_TEST_DATABASE_URL;
  const redisUrl = env.OPENVIBE_TEST_REDIS_URL;
  const natsBinary = env.OPENVIBE_TEST_NATS_BINARY;
  const natsVersion = env.OPENVIBE_TEST_NATS_VERSION;
  return {
    ...(natsVersion ? { natsVersion } : {}),
    ...(natsUrl ? { natsUrl } : {}),
    ...(databaseUrl ? { databaseUrl } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(natsBinary ? { natsBinary } : {}),
    path: (env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
    cacheFolder: join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "openvibe"),
  };
}
