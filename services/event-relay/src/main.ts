import { runService, serveUntil } from "@openvibe/composition";
import { createAuth, createHttpServer, opsRoutes } from "@openvibe/http";
import { createEventRelay } from "./event-relay.ts";

const PING_MS = 1_000;

await runService("event-relay", async ({ config, store, bus, clock, logger, metrics, faults, signal }) => {
  await using relay = createEventRelay({ store, bus, clock, logger, metrics, ...(faults === undefined ? {} : { faults }) });
  await relay.start();
  const app = createHttpServer({ logger, metrics, auth: createAuth({ keys: config.apiKeys }) });
  const checks = [
    { name: "store", code: "OV_STORE_UNAVAILABLE", check: () => store.ping(PING_MS) },
    { name: "bus", code: "OV_BUS_UNAVAILABLE", check: () => bus.ping(PING_MS) },
  ] as const;
  await app.register(opsRoutes, { metrics, checks });
  await app.register(relay.plugin);
  await serveUntil(app, config, signal, (url) => logger.info({ url }, "event-relay listens"));
});
