import type { Buckets } from "@openvibe/bus";
import type { Clock, Logger, OperatorId } from "@openvibe/core";
import { REGISTRY_BUCKET, REGISTRY_TTL_MS } from "../registry.ts";

/** Older than this, the view is read again, beside the request that noticed. */
const REFRESH_AFTER_MS = 2_000;
/** Older than this, it says nothing any more. */
const UNKNOWN_AFTER_MS = 10_000;

/** Who says that he serves an operator, as the registry knows it: a view for people, never a reason to refuse a run. */
export interface Liveness {
  /** Instances that serve the operator; `undefined` when that is not known at hand. Asks for news when it needs some. */
  instancesOf(operatorId: OperatorId): readonly string[] | undefined;
  /** Resolves when the view is known, or cannot be had within `timeoutMs`. Never throws. */
  settle(timeoutMs: number): Promise<void>;
}

export function createLiveness(deps: { readonly buckets: Buckets; readonly clock: Clock; readonly logger: Logger }): Liveness {
  const registry = deps.buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS });
  let view: ReadonlyMap<OperatorId, readonly string[]> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const read = async () => {
    const at = deps.clock.now();
    try {
      view = toView(await registry.keys());
      readAt = at;
    } catch (err) {
      deps.logger.debug({ err }, "the registry could not be read");
    }
  };
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const age = () => deps.clock.now() - readAt;

  return {
    instancesOf(operatorId) {
      if (age() > REFRESH_AFTER_MS) void refresh();
      return age() > UNKNOWN_AFTER_MS ? undefined : (view.get(operatorId) ?? []);
    },
    async settle(timeoutMs) {
      if (age() <= UNKNOWN_AFTER_MS) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      void refresh().then(resolve);
      await promise;
      clearTimeout(timer);
    },
  };
}

/** Keys are `<operator>.<instance>`. */
function toView(keys: readonly string[]): ReadonlyMap<OperatorId, readonly string[]> {
  const view = new Map<OperatorId, string[]>();
  for (const key of keys) {
    const dot = key.indexOf(".");
    if (dot > 0) view.set(key.slice(0, dot), [...(view.get(key.slice(0, dot)) ?? []), key.slice(dot + 1)]);
  }
  return view;
}
