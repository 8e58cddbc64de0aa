import type { FoundBy } from "./ways.ts";

/** A Postgres server whose user `postgres` needs no password. Disposing ends it and removes its data. */
export interface PostgresServer extends AsyncDisposable {
  /** The database `postgres`; tests take one of their own from `createDatabase`. */
  readonly url: string;
  /** Of the postmaster. Absent while it does not run, in a container, and for a server that the environment gave. */
  readonly pid: number | undefined;
  readonly version: string;
  readonly foundBy: FoundBy;
  /** Makes a fresh, randomly named, empty database and gives its URL. On a server that the environment gave, disposing drops it. */
  createDatabase(): Promise<string>;
  /** What `pg_ctl -m immediate stop` does (SIGQUIT): every backend ends at once, the next start recovers from the log. @throws if the environment gave the server */
  stopImmediate(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it takes queries. */
  start(): Promise<void>;
  /** What `pg_ctl -m fast stop` does (SIGINT): open transactions are rolled back. @throws if the environment gave the server */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Never the server that `OPENVIBE_TEST_DATABASE_URL` names: for tests that stop it. Implied by `settings`. */
  readonly own?: boolean;
  /** Lines of `postgresql.conf`. Unless told otherwise `max_connections` is 200, `fsync` and `synchronous_commit` are on. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Hears what takes long. */
  readonly notify?: (line: string) => void;
}
