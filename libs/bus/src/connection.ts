import type { Logger } from "@openvibe/core";

/** What waiting and trying again need to know of a connection to a server. */
export interface Connection {
  /** Whether it stands, as far as is known. */
  readonly connected: boolean;
  /** Whether it never comes back: the bus was disposed, or the client gave it up. */
  readonly closed: boolean;
  /** Aborts when the bus is disposed. */
  readonly closing: AbortSignal;
  /** How long publishing and reading wait out an outage. */
  readonly patienceMs: number;
  readonly logger: Logger;
  /** Calls `hear` whenever the connection is lost or back. Gives how to stop that. */
  onChange(hear: () => void): () => void;
  /** Calls `say` in this turn of the event loop, after what else happens in it, in the order of the calls. */
  soon(say: () => void): void;
  /** @throws OpenVibeError OV_BUS_UNAVAILABLE when the bus was disposed */
  assertOpen(): void;
  /** Waits for the server's answer, no longer than the connection lasts it was asked on. */
  ask<T>(work: Promise<T>): Promise<T>;
}
