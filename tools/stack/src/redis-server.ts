import type { FoundBy } from "./ways.ts";

/** A Redis server with its append-only file on. Disposing ends it and removes its data. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Absent while it does not run, in a container, and for a server that the environment gave. */
  readonly pid: number | undefined;
  readonly version: string;
  readonly foundBy: FoundBy;
  /** SIGKILL. @throws if the environment gave the server */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it takes commands. */
  start(): Promise<void>;
  /** SIGTERM: it saves and leaves. @throws if the environment gave the server */
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Never the server that `OPENVIBE_TEST_REDIS_URL` names: for tests that stop it. Implied by `settings`. */
  readonly own?: boolean;
  /** Lines of `redis.conf`, such as `maxmemory`. Unless told otherwise `appendonly` is on, and nothing else is saved. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Hears what takes long. */
  readonly notify?: (line: string) => void;
}
