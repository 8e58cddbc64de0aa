import { runService, serveUntil, targetsOf } from "@openvibe/composition";
import { createAuth, createHttpServer } from "@openvibe/http";
import { createAcceptor } from "@openvibe/runtime";
import { createEventRelay } from "./event-relay.ts";
import { createContextTeller } from "./context/context-teller.ts";
import { createEventReactor } from "./reactions/event-reactor.ts";

await runService("event-relay", async ({ config, store, bus, clock, logger, metrics, faults, ops, signal }) => {
  await using relay = createEventRelay({
    store,
    bus,
    clock,
    logger,
    metrics,
    targets: targetsOf(config),
    ...(faults === undefined ? {} : { faults }),
  });
  await relay.start();
  await using acceptor = createAcceptor({ store, bus, clock, logger });
  await using reactor = createEventReactor({ store, bus, acceptor, clock, logger, metrics, listen: (hear) => relay.listen(hear) });
  await reactor.start();
  await using contexts = createContextTeller({ store, bus, acceptor, clock, logger, metrics });
  contexts.start();
  const app = createHttpServer({ logger, metrics, auth: createAuth({ keys: config.apiKeys }), ...config.http });
  await app.register(ops.routes);
  await app.register(relay.plugin);
  await serveUntil(app, config, signal, (url) => {
    ops.ready();
    logger.info({ url }, "event-relay listens");
  });
});
