import { hooksOf, runService, serveUntil, targetsOf } from "@openvibe/composition";
import { createAuth, createHttpServer } from "@openvibe/http";
import { createAcceptor } from "@openvibe/runtime";
import { createGateway } from "./gateway.ts";
import { proxyToRelay } from "./proxy-to-relay.ts";

await runService("gateway", async ({ config, store, bus, clock, logger, metrics, faults, ops, signal }) => {
  await using acceptor = createAcceptor({
    store,
    bus,
    clock,
    logger,
    maxBacklog: config.maxBacklog,
    eagerStart: config.eagerStart,
    ...(faults === undefined ? {} : { faults }),
  });
  const gateway = createGateway({ store, bus, acceptor, clock, logger, metrics, targets: targetsOf(config), hooks: hooksOf(config) });
  const app = createHttpServer({ logger, metrics, auth: createAuth({ keys: config.apiKeys }), ...config.http });
  await app.register(ops.routes);
  await app.register(gateway.plugin);
  if (config.relayUrl !== undefined) await app.register(proxyToRelay(config.relayUrl));
  await serveUntil(app, config, signal, (url) => {
    ops.ready();
    logger.info({ url }, "gateway listens");
  });
  await gateway.close();
});
