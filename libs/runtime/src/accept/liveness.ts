import type { Buckets } from "@openvibe/bus";
import type { Clock, Logger, OperatorId } from "@openvibe/core";
import { REGISTRY_BUCKET, REGISTRY_TTL_MS, type ServingInstance, toServingInstance } from "../registry.ts";

/** Older than this, the view is read again, beside the request that noticed. */
const REFRESH_AFTER_MS = 2_000;
/** Older than this, it says nothing any more. */
const UNKNOWN_AFTER_MS = 10_000;

/** Who says that he serves an operator, as the registry knows it: a view for people, never a reason to refuse a run. */
export interface Liveness {
  /** Instances that serve the operator; `undefined` when that is not known at hand. Asks for news when it needs some. */
  instancesOf(operatorId: OperatorId): readonly string[] | undefined;
  /** The same with what each of them says, read now, sorted by id; `undefined` when that cannot be had within `timeoutMs`. Never throws. */
  detailsOf(operatorId: OperatorId, timeoutMs: number): Promise<readonly ServingInstance[] | undefined>;
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
    detailsOf: (operatorId, timeoutMs) =>
      within(timeoutMs, async () => {
        const keys = await registry.keys(`${operatorId}.`);
        const entries = await Promise.all(keys.toSorted().map((key) => registry.get(key)));
        return entries
          .filter((entry) => entry !== undefined)
          .map(({ key, value }) => toServingInstance(key.slice(operatorId.length + 1), value));
      }).catch((err: unknown) => {
        deps.logger.debug({ err }, "the registry could not be read");
        return undefined;
      }),
    async settle(timeoutMs) {
      if (age() > UNKNOWN_AFTER_MS) await within(timeoutMs, refresh);
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

async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
