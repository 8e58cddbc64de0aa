import { type Config, loadConfig } from "@openvibe/composition";
import { OpenVibeError, type OperatorId } from "@openvibe/core";

export interface NatsTargetOptions {
  readonly replicas?: string;
}

/** The broker that `NATS_URL` names, and what is declared for it. */
export interface NatsTarget {
  readonly servers: readonly string[];
  readonly replicas: number;
  /** Those whose manifests the store at `DATABASE_URL` holds; none without one. */
  readonly operators: readonly OperatorId[];
  readonly config: Config;
}

/** @throws OpenVibeError OV_CONFIG_INVALID, OV_STORE_UNAVAILABLE */
export async function readNatsTarget(options: NatsTargetOptions): Promise<NatsTarget> {
  const config = await loadConfig(process.env, { OPENVIBE_BUS: "nats", OPENVIBE_NATS_REPLICAS: options.replicas });
  if (config.bus.kind !== "nats") throw new OpenVibeError("OV_CONFIG_INVALID", "set NATS_URL to the broker's address");
  const { servers, replicas } = config.bus;
  return { servers, replicas, operators: await operatorsOf(config.store), config };
}

/** Read, and nothing made: a store that was never migrated knows no operator. */
async function operatorsOf(store: Config["store"]): Promise<readonly OperatorId[]> {
  if (store.kind !== "postgres") return [];
  const { inspectPostgres } = await import("@openvibe/store/postgres");
  return (await inspectPostgres(store)).manifests.map(({ id }) => id);
}
