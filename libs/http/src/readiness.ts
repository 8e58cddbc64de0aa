import type { ProblemCode } from "@openvibe/core";

/** Something a service cannot work without. */
export interface ReadinessCheck {
  readonly name: string;
  /** The problem that answers when it fails. */
  readonly code: ProblemCode;
  /** Resolves when all is well. */
  check(): Promise<unknown>;
}

interface Pinged {
  ping(timeoutMs: number): Promise<unknown>;
}

const PING_MS = 1_000;

/** What every service needs. */
export function readinessOf({ store, bus }: { readonly store: Pinged; readonly bus: Pinged }): readonly ReadinessCheck[] {
  return [
    { name: "store", code: "OV_STORE_UNAVAILABLE", check: () => store.ping(PING_MS) },
    { name: "bus", code: "OV_BUS_UNAVAILABLE", check: () => bus.ping(PING_MS) },
  ];
}
