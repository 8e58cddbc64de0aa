/** Handlers of a program's own for what happens in the deployment. Types here, the hearing in `open-hooks.ts`. */
import type { HookHandler, HookType, KnownHook } from "@openvibe/core";

/**
 * Hearing what happens in this deployment: on a shared broker also what other processes run. From now on, at most once, not kept: a webhook is for what
 * must not be missed. What a handler throws is logged and harms nothing.
 */
export interface Hooks {
  /** Calls `handler` for each event of this type. Disposing what it gives ends that. @throws OpenVibeError OV_EVENT_TYPE_INVALID */
  on<const T extends HookType>(type: T & KnownHook<T>, handler: HookHandler<T>): Disposable;
  /** Ends what `on` began with the same type and handler. */
  off<const T extends HookType>(type: T & KnownHook<T>, handler: HookHandler<T>): void;
}
