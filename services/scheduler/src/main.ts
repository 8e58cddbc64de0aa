import { openScheduler, runService } from "@openvibe/composition";
import { createAcceptor } from "@openvibe/runtime";
import { createScheduler } from "./scheduler.ts";
import { startSlotBy } from "./start-slot.ts";

await runService("scheduler", async ({ config, store, bus, clock, logger, metrics, faults, ops, signal }) => {
  const { maxBacklog, eagerStart, scheduler = "cron" } = config;
  await using acceptor = createAcceptor({ store, bus, clock, logger, maxBacklog, eagerStart, ...(faults === undefined ? {} : { faults }) });
  await using slots = await openScheduler(scheduler, { store, start: startSlotBy(acceptor), clock, logger, observer: metrics });
  await createScheduler({ store, bus, clock, logger, metrics, keepRunsMs: config.keepRunsMs, slots }).run(signal, () => {
    ops.ready();
    logger.info({}, "scheduler sweeps");
  });
});
