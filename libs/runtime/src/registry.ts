import type { Bus } from "@openvibe/bus";
import { type Clock, isPlainObject, type OperatorDefinition, type OperatorId, toIso } from "@openvibe/core";

export const REGISTRY_BUCKET = "registry";
export const REGISTRY_TTL_MS = 30_000;
const BEAT_EVERY_MS = 10_000;

export interface RegistryOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly instance: string;
  /** Those that are served now. */
  readonly operators: () => readonly OperatorDefinition[];
  /** Keys of handlers that posted operators may name. */
  readonly handlers?: readonly string[];
}

/** No operator's id: who has which handlers. */
const HANDLERS_KEY = "_handlers";

/** Handlers that running workers have for posted operators. @throws OpenVibeError OV_BUS_UNAVAILABLE */
export async function findHandlers(buckets: Bus["buckets"]): Promise<readonly string[]> {
  const bucket = buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS });
  const keys = (await bucket.keys()).filter((key) => key.startsWith(`${HANDLERS_KEY}.`));
  const entries = await Promise.all(keys.map((key) => bucket.get(key)));
  return entries.flatMap((entry) => {
    const handlers = isPlainObject(entry?.value) ? entry.value.handlers : undefined;
    return Array.isArray(handlers) ? handlers.filter((key): key is string => typeof key === "string") : [];
  });
}

export interface Registered extends AsyncDisposable {
  /** At once, as something has changed. */
  tell(): void;
  forget(operatorId: OperatorId): Promise<void>;
}

/** Says, every 10 s, which operators this process serves: `<operator>.<instance>` in the registry, gone 30 s after the last word, at once when disposed. */
export function keepRegistered({ bus, clock, instance, operators, handlers = [] }: RegistryOptions): Registered {
  const bucket = bus.buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS });
  const tell = async () => {
    if (handlers.length > 0) await bucket.put(`${HANDLERS_KEY}.${instance}`, { handlers: [...handlers] });
    for (const { manifest, version } of operators()) {
      const body = { server: instance, version, capabilities: Object.keys(manifest.answers), last_heartbeat: toIso(clock.now()) };
      bus.signals.heartbeat(manifest.id, body);
      await bucket.put(`${manifest.id}.${instance}`, body);
    }
  };
  const tellQuietly = () => void tell().catch(() => {}); // said again in 10 s; nothing but a view rests on it
  tellQuietly();
  const timer = setInterval(tellQuietly, BEAT_EVERY_MS);
  const forget = async (name: string) => {
    await bucket.delete(`${name}.${instance}`);
  };
  return {
    tell: tellQuietly,
    forget,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const names = operators().map(({ manifest }) => manifest.id);
      await Promise.allSettled([...names, ...(handlers.length > 0 ? [HANDLERS_KEY] : [])].map(forget));
    },
  };
}
