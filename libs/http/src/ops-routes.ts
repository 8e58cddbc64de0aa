import { messageOf, OpenVibeError } from "@openvibe/core";
import type { Metrics } from "@openvibe/telemetry";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { flagParameter, parseQuery } from "./query.ts";
import type { ReadinessCheck } from "./readiness.ts";

export type OpsPhase = "starting" | "ready" | "stopping";

export interface OpsOptions {
  readonly metrics: Pick<Metrics, "text" | "contentType">;
  readonly checks: readonly ReadinessCheck[];
  /** Where the process is; `ready` by default, for a server that listens only then. */
  readonly phase?: () => OpsPhase;
}

const READY_QUERY = { verbose: flagParameter("Tells each check.") };
const Ready = z.object({ status: z.literal("ready"), checks: z.record(z.string(), z.string()).optional() });
const Live = z.object({ status: z.literal("live") });

/** `/livez`, `/readyz`, `/metrics`: for the people and machines that run the service. Registered once per server. */
export const opsRoutes: FastifyPluginAsync<OpsOptions> = async (app, { metrics, checks, phase = () => "ready" }) => {
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
  });

  app.get(
    "/livez",
    {
      config: {
        open: true,
        unlimited: true,
        doc: {
          id: "get_liveness",
          tag: "operations",
          summary: "Whether the process lives; asks nobody else.",
          answers: { 200: { description: "It does.", body: Live } },
        },
      },
    },
    async () => ({ status: "live" }) satisfies z.infer<typeof Live>,
  );

  app.get(
    "/readyz",
    {
      config: {
        open: true,
        unlimited: true,
        doc: {
          id: "get_readiness",
          tag: "operations",
          summary: "Whether the service can do its work now.",
          query: READY_QUERY,
          answers: { 200: { description: "It can.", body: Ready } },
          problems: ["OV_STORE_UNAVAILABLE", "OV_BUS_UNAVAILABLE", "OV_STARTING", "OV_SHUTTING_DOWN"],
        },
      },
    },
    async (request) => {
      const { verbose } = parseQuery(request.query, READY_QUERY);
      if (phase() === "starting") throw new OpenVibeError("OV_STARTING", "the process does not take work yet");
      if (closing || phase() === "stopping") throw new OpenVibeError("OV_SHUTTING_DOWN", "the server is shutting down; ask another one");
      const results = await Promise.all(checks.map(async ({ name, code, check }) => ({ name, code, failure: await failureOf(check) })));
      const told = Object.fromEntries(results.map(({ name, failure }) => [name, failure === undefined ? "ok" : "failed"]));
      const failed = results.find(({ failure }) => failure !== undefined);
      if (failed !== undefined) {
        const names = results.filter(({ failure }) => failure !== undefined).map(({ name }) => name);
        throw new OpenVibeError(failed.code, `not ready: ${names.join(", ")}`, { cause: failed.failure, extra: { checks: told } });
      }
      return { status: "ready", ...(verbose ? { checks: told } : {}) } satisfies z.infer<typeof Ready>;
    },
  );

  app.get(
    "/metrics",
    {
      config: {
        unlimited: true,
        scope: "admin",
        doc: {
          id: "get_metrics",
          tag: "operations",
          summary: "Counts for Prometheus.",
          answers: { 200: { description: "The text format.", body: z.string(), mediaType: "text/plain" } },
        },
      },
    },
    async (_request, reply) => reply.header("content-type", metrics.contentType).send(await metrics.text()),
  );
};

async function failureOf(check: () => Promise<unknown>): Promise<unknown> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error ?? new Error(messageOf(error));
  }
}
