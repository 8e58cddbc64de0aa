import { runService } from "@openvibe/composition";
import { createScheduler } from "./scheduler.ts";

await runService("scheduler", async ({ config, store, bus, clock, logger, metrics, ops, signal }) => {
  await createScheduler({ store, bus, clock, logger, metrics, keepRunsMs: config.keepRunsMs }).run(signal, () => {
    ops.ready();
    logger.info({}, "scheduler sweeps");
  });
});
