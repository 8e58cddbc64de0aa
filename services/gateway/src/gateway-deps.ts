import type { Bus } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import type { Clock, Logger } from "@openvibe/core";
import type { TargetGuard } from "@openvibe/http";
import type { HookSettings } from "@openvibe/http/hook-source";
import type { Acceptor, RuntimeObserver } from "@openvibe/runtime";
import type { Store } from "@openvibe/store";

/** What the gateway needs of the rest. */
export interface GatewayDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly acceptor: Acceptor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<RuntimeObserver, "runEnded">;
  /** Where webhooks may be sent; to the public internet alone by default. */
  readonly targets?: TargetGuard;
  /** Whose webhooks are taken; nobody's by default. */
  readonly hooks?: HookSettings;
  /** Of OpenVibe, for the OpenAPI document. */
  readonly version?: string;
}

/** What the routes share besides. */
export interface RouteDeps extends GatewayDeps {
  readonly targets: TargetGuard;
  readonly hooks: HookSettings;
  readonly context: SharedContext;
  /** Things that outlive their request, which closing waits for, or ends. */
  readonly background: Background;
}

export interface Background {
  /** Goes on after the answer; a failure is logged, and somebody else heals it. */
  run(work: Promise<unknown>, fields: object, message: string): void;
  /** A signal for something that waits, aborted when the gateway closes. Dispose it when the wait is over. */
  wait(): Disposable & { readonly signal: AbortSignal; abort(): void };
}
