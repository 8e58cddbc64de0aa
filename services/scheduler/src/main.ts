import { runService } from "@openvibe/composition";
import { createScheduler } from "./scheduler.ts";

await runService("scheduler", async ({ config, store, bus, clock, logger, signal }) => {
  await createScheduler({ store, bus, clock, logger, keepRunsMs: config.keepRunsMs }).run(signal, () =>
    logger.info({}, "scheduler sweeps"),
  );
});
