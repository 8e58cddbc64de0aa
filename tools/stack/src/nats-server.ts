import type { FoundBy } from "./ways.ts";

/** A nats-server with JetStream. Disposing ends it and removes its store folder. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  /** The HTTP monitoring address; a server that the environment gave has none that we know. */
  readonly monitorUrl: string | undefined;
  /** Absent while it does not run, in a container, and for a server that the environment gave. */
  readonly pid: number | undefined;
  readonly version: string;
  readonly foundBy: FoundBy;
  /** SIGKILL; resolves when it is gone. Port and store folder are kept. @throws if the environment gave the server */
  kill(): Promise<void>;
  /** Starts it again after `kill` or `stop`, on the same port and store folder; resolves when clients are accepted and JetStream answers. */
  start(): Promise<void>;
  /** Ends it in order (SIGTERM, SIGKILL after 10 s). Port and store folder are kept. @throws if the environment gave the server */
  stop(): Promise<void>;
}

export interface NatsOptions {
  /** Never the server that `OPENVIBE_TEST_NATS_URL` names: for tests that kill it. Implied by the two below. */
  readonly own?: boolean;
  /** Every acknowledged message is on the disk (`sync_interval: always`); the default is the server's own, two minutes. */
  readonly syncAlways?: boolean;
  /** Lines for the end of its configuration file. */
  readonly extraConfig?: string;
  /** Hears what takes long, such as the first build on a machine. */
  readonly notify?: (line: string) => void;
}
