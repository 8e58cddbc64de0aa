import type { Bus } from "@openvibe/bus";
import type { Logger } from "@openvibe/core";
import { createAuth, createHttpServer, type OpsPhase, opsRoutes, readinessOf } from "@openvibe/http";
import type { Store } from "@openvibe/store";
import type { Metrics } from "@openvibe/telemetry";
import type { FastifyPluginAsync } from "fastify";
import type { Config } from "./config.ts";
import { listen } from "./listen.ts";

export interface OpsDeps {
  readonly config: Pick<Config, "ops">;
  readonly store: Store;
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Once it aborts the process is not ready any more; probes and metrics stay until it is disposed of. */
  readonly stopping: AbortSignal;
}

/** Liveness, readiness and metrics of a process, whatever its roles: on the main port, or on one of their own. */
export interface Ops extends AsyncDisposable {
  /** For the server on the main port; registers nothing where they have their own. */
  readonly routes: FastifyPluginAsync;
  /** `http://127.0.0.1:9090`, where they have their own. */
  readonly url: string | undefined;
  /** Until then `/readyz` says that the process is starting. */
  readonly ready: () => void;
}

/** @throws OpenVibeError OV_CONFIG_INVALID when the address cannot be had */
export async function openOps({ config, store, bus, metrics, logger, stopping }: OpsDeps): Promise<Ops> {
  let started = false;
  const phase = (): OpsPhase => (stopping.aborted ? "stopping" : started ? "ready" : "starting");
  const routes: FastifyPluginAsync = async (app) => {
    await app.register(opsRoutes, { metrics, checks: readinessOf({ store, bus }), phase });
  };
  const ready = () => {
    started = true;
  };
  if (config.ops === undefined) return { routes, url: undefined, ready, [Symbol.asyncDispose]: async () => {} };

  // Without keys: the port is for those who run the process, and is kept from others by the network.
  const app = createHttpServer({ logger, metrics, auth: createAuth({ keys: undefined }) });
  await app.register(routes);
  const url = await listen(app, config.ops, "OPENVIBE_OPS_PORT");
  logger.info({ url }, "probes and metrics listen");
  return { routes: async () => {}, url, ready, [Symbol.asyncDispose]: () => app.close() };
}
