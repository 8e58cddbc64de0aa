import { createContext } from "@openvibe/context";
import { createTargetGuard, docsRoutes } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import { openActivationDoor } from "./activation-door.ts";
import { createBackground } from "./background.ts";
import type { GatewayDeps, RouteDeps } from "./gateway-deps.ts";
import { activationRoutes } from "./routes/activations.ts";
import { asyncApiRoutes } from "./routes/asyncapi.ts";
import { contextRoutes } from "./routes/context.ts";
import { contextListRoutes } from "./routes/context-list.ts";
import { graphRoutes } from "./routes/graph.ts";
import { historyRoutes } from "./routes/history.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { operatorRoutes } from "./routes/operators.ts";
import { postedOperatorRoutes } from "./routes/posted-operators.ts";
import { publishEventRoutes } from "./routes/publish-events.ts";
import { redriveRoutes } from "./routes/redrive.ts";
import { rerunRoutes } from "./routes/rerun.ts";
import { resumeRoutes } from "./routes/resume.ts";
import { runEventRoutes } from "./routes/run-events.ts";
import { runListRoutes } from "./routes/run-lists.ts";
import { runRoutes } from "./routes/runs.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { schemaRoutes } from "./routes/schemas.ts";
import { subscriptionDeliveryRoutes } from "./routes/subscription-deliveries.ts";
import { subscriptionRoutes } from "./routes/subscriptions.ts";

export interface Gateway {
  /** Registers `/v1/…`, `/openapi.json` and `/docs` on a server made by `createHttpServer`. */
  readonly plugin: FastifyPluginAsync;
  /** Ends what waits and finishes what is being published. Call it after the server is closed; twice is fine. */
  close(): Promise<void>;
}

const ROUTES = [
  operatorRoutes,
  graphRoutes,
  postedOperatorRoutes,
  schemaRoutes,
  activationRoutes,
  runListRoutes,
  runRoutes,
  redriveRoutes,
  rerunRoutes,
  resumeRoutes,
  runEventRoutes,
  historyRoutes,
  scheduleRoutes,
  publishEventRoutes,
  contextRoutes,
  contextListRoutes,
  subscriptionRoutes,
  subscriptionDeliveryRoutes,
  hookRoutes,
];

/** HTTP in: accepts activations, reads and cancels runs, reads and writes context. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { bus, clock, logger, version = "0.1.0" } = deps;
  const background = createBackground(logger);
  const { targets = createTargetGuard(), hooks = { sources: {}, unsigned: false } } = deps;
  const routeDeps: RouteDeps = { ...deps, targets, hooks, context: createContext(bus.buckets, clock), background };

  return {
    plugin: async (app) => {
      // A caller that waits for a run would hold the server open for minutes: it gets the run as it is.
      app.addHook("preClose", async () => background.endWaits());
      const door = openActivationDoor(routeDeps);
      app.addHook("onClose", () => door[Symbol.asyncDispose]());
      await app.register(openApiRoutes, { version });
      await app.register(asyncApiRoutes, { version });
      await app.register(docsRoutes);
      for (const routes of ROUTES) {
        await app.register(routes, { ...routeDeps, prefix: "/v1" });
      }
    },
    async close() {
      background.endWaits();
      await background.settled();
    },
  };
}
