import type { AddressInfo } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import type { Bus } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import {
  type FinalStatus,
  type JsonObject,
  manifestVersion,
  NO_METRICS,
  type OperatorManifest,
  type Run,
  type RunId,
  silentLogger,
  systemClock,
} from "@openvibe/core";
import { type Auth, createAuth, createHttpServer, type HttpLimits, opsRoutes, readinessOf, type TargetGuard } from "@openvibe/http";
import type { HookSettings } from "@openvibe/http/hook-source";
import { type Acceptor, createAcceptor, REGISTRY_BUCKET, REGISTRY_TTL_MS } from "@openvibe/runtime";
import type { Store } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { createMetrics } from "@openvibe/telemetry";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { createGateway, type Gateway } from "./gateway.ts";

const companyIntel: OperatorManifest = {
  id: "company_intel",
  name: "Company Intelligence",
  description: "Knows companies.",
  answers: {},
  workflows: [
    {
      id: "research",
      triggers: [{ id: "query", on: "on_demand" }],
      state_fields: ["company_name", "employees", "note", "report"],
      input_schema: {
        type: "object",
        properties: {
          company_name: { type: "string" },
          employees: { type: "integer" },
          note: {},
          report: { type: "string" },
        },
      },
      steps: [{ id: "write", kind: "llm", model: "haiku", max_tokens: 100, attempts: 3, outputs: ["report"], reply: "text" }],
    },
    { id: "refresh", triggers: [{ id: "nightly", on: "cron:0 3 * * *" }], state_fields: [], input_schema: { type: "object" }, steps: [] },
  ],
};

/** A gateway over a real store and bus, and a worker's hands. */
export interface GatewayUnderTest extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly bus: Bus;
  /** Holds both. */
  readonly database: DatabaseSync;
  readonly gateway: Gateway;
  readonly acceptor: Acceptor;
  /** Where it listens; begins to listen. */
  listen(): Promise<{ readonly port: number; readonly url: string }>;
  activate(body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  ask(
    method: "GET" | "PUT" | "DELETE" | "POST",
    url: string,
    options?: Omit<InjectOptions, "method" | "url">,
  ): Promise<LightMyRequestResponse>;
  /** Activates, and gives the run's id. */
  start(input?: JsonObject): Promise<RunId>;
  /** As a worker: takes the run. */
  claim(runId: RunId): Promise<void>;
  /** As a worker: takes the run and ends it, and tells who waits. */
  finish(runId: RunId, output?: JsonObject, status?: FinalStatus): Promise<void>;
  /** As a worker: says that it serves the operator. */
  serve(instance: string, said?: JsonObject): Promise<void>;
  allRuns(): Promise<readonly Run[]>;
}

export interface GatewayOptions {
  readonly auth?: Auth;
  readonly limits?: Partial<HttpLimits>;
  readonly maxBacklog?: number;
  readonly targets?: TargetGuard;
  readonly hooks?: HookSettings;
  /** Instead of one in memory, which is closed with the gateway. */
  readonly bus?: Bus;
  /** Registers more on the server, before the gateway. */
  readonly also?: (app: FastifyInstance) => unknown;
}

export async function openGateway({
  auth = createAuth({ keys: undefined }),
  limits = {},
  maxBacklog = 10_000,
  targets,
  hooks,
  bus: given,
  also,
}: GatewayOptions = {}): Promise<GatewayUnderTest> {
  const store = openSqliteStore({ path: ":memory:" });
  const bus = given ?? openMemoryBus({ database: store.database });
  await store.manifests.register(companyIntel, manifestVersion(companyIntel));
  const metrics = createMetrics({ processMetrics: false });
  const deps = { store, bus, clock: systemClock, logger: silentLogger };
  const acceptor = createAcceptor({ ...deps, maxBacklog });
  const gateway = createGateway({
    ...deps,
    metrics,
    acceptor,
    ...(targets === undefined ? {} : { targets }),
    ...(hooks === undefined ? {} : { hooks }),
  });
  const app = createHttpServer({ logger: silentLogger, metrics, auth, limits });
  also?.(app);
  await app.register(opsRoutes, { metrics, checks: readinessOf({ store, bus }) });
  await app.register(gateway.plugin);

  const activate: GatewayUnderTest["activate"] = async (body = { trigger: "query" }, headers = {}) =>
    await app.inject({
      method: "POST",
      url: "/v1/operators/company_intel/activate",
      headers: { "content-type": "application/json", ...headers },
      payload: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  const claim = async (runId: RunId) => {
    await store.runs.claim({ runId, wake: 0, owner: "worker-1" });
  };

  return {
    app,
    store,
    bus,
    database: store.database,
    gateway,
    acceptor,
    activate,
    claim,
    async listen() {
      await app.listen({ port: 0, host: "127.0.0.1" });
      const { port } = app.server.address() as AddressInfo;
      return { port, url: `http://127.0.0.1:${port}` };
    },
    ask: async (method, url, options = {}) => await app.inject({ method, url, ...options }),
    async start(input = {}) {
      const response = await activate({ trigger: "query", input });
      return response.json<{ run_id: string }>().run_id;
    },
    async finish(runId, output = {}, status = "completed") {
      await claim(runId);
      const { run, outbox } = (await store.runs.findOutbox(runId)) ?? {};
      if (run === undefined || outbox === undefined) throw new Error(`there is no run ${runId}`);
      const event = { type: `run.${status}`, time: "2026-11-22T10:30:00.000Z", data: { status } };
      await store.runs.write({
        runId,
        attempt: run.attempt,
        step: 1,
        status,
        state: output,
        position: null,
        metrics: NO_METRICS,
        outbox: { from: outbox.from, events: [...outbox.events, event] },
        output,
      });
      bus.signals.control({ operatorId: run.operatorId, verb: "wake", runId, body: {} });
    },
    async serve(instance, said = {}) {
      await bus.buckets.bucket(REGISTRY_BUCKET, { ttlMs: REGISTRY_TTL_MS }).put(`company_intel.${instance}`, said);
    },
    allRuns: () => store.runs.list({}, { limit: 200 }),
    async [Symbol.asyncDispose]() {
      await app.close();
      await gateway.close();
      await acceptor[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
