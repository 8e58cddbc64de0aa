import type { Bus } from "@openvibe/bus";
import { type Clock, type OperatorDefinition, toIso } from "@openvibe/core";

export const REGISTRY_BUCKET = "registry";
export const REGISTRY_TTL_MS = 30_000;
const BEAT_EVERY_MS = 10_000;

export interface RegistryOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly instance: string;
  readonly operators: readonly OperatorDefinition[];
}

/** Says, every 10 s, which operators this process serves: `<operator>.<instance>` in the registry, gone 30 s after the last word, at once when disposed. */
export function keepRegistered({ bus, clock, instance, operators }: RegistryOptions): AsyncDisposable {
  const bucket = bus.buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS });
  const tell = async () => {
    for (const { manifest, version } of operators) {
      const body = { server: instance, version, capabilities: Object.keys(manifest.answers), last_heartbeat: toIso(clock.now()) };
      bus.signals.heartbeat(manifest.id, body);
      await bucket.put(`${manifest.id}.${instance}`, body);
    }
  };
  const tellQuietly = () => void tell().catch(() => {}); // said again in 10 s; nothing but a view rests on it
  tellQuietly();
  const timer = setInterval(tellQuietly, BEAT_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.allSettled(operators.map(({ manifest }) => bucket.delete(`${manifest.id}.${instance}`)));
    },
  };
}
