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

/** One process that serves an operator, as it says. */
export interface ServingInstance {
  readonly id: string;
  readonly version: string;
  readonly capabilities: readonly string[];
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly lastHeartbeat: string;
}

/** Says, every 10 s, which operators this process serves: `<operator>.<instance>` in the registry, gone 30 s after the last word, at once when disposed. */
export function keepRegistered({ bus, clock, instance, operators, handlers = [] }: RegistryOptions): Registered {
  const bucket = bus.buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS });
  const since = toIso(clock.now());
  const announced = new Map<OperatorId, { readonly version: string; readonly shown: AsyncDisposable }>();
  const hide = async (operatorId: OperatorId) => {
    const { shown } = announced.get(operatorId) ?? {};
    announced.delete(operatorId);
    await shown?.[Symbol.asyncDispose]();
  };
  const announce = async ({ manifest, version }: OperatorDefinition) => {
    const { id: operatorId, name, description = name, answers } = manifest;
    if (announced.get(operatorId)?.version === version) return;
    await hide(operatorId);
    const shown = await bus.requests.announce({ operatorId, instance, version, description, capabilities: Object.keys(answers) });
    announced.set(operatorId, { version, shown });
  };
  const tell = async () => {
    if (handlers.length > 0) await bucket.put(`${HANDLERS_KEY}.${instance}`, { handlers: [...handlers] });
    for (const operator of operators()) {
      const { manifest, version } = operator;
      const body = { server: instance, version, capabilities: Object.keys(manifest.answers), since, last_heartbeat: toIso(clock.now()) };
      bus.signals.heartbeat(manifest.id, body);
      await bucket.put(`${manifest.id}.${instance}`, body);
      await announce(operator);
    }
  };
  let telling = Promise.resolve();
  const tellQuietly = () => {
    telling = telling.then(tell).catch(() => {}); // said again in 10 s; nothing but a view rests on it
  };
  tellQuietly();
  const timer = setInterval(tellQuietly, BEAT_EVERY_MS);
  const forget = async (name: string) => {
    await telling;
    await Promise.all([hide(name), bucket.delete(`${name}.${instance}`)]);
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

/** Reads what `keepRegistered` wrote; what another version of OpenVibe leaves out is empty. */
export function toServingInstance(id: string, body: unknown): ServingInstance {
  const { version, capabilities, since, last_heartbeat } = isPlainObject(body) ? body : {};
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    id,
    version: text(version),
    capabilities: Array.isArray(capabilities) ? capabilities.map(String) : [],
    since: text(since),
    lastHeartbeat: text(last_heartbeat),
  };
}
