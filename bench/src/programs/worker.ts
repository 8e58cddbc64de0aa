/** `services/worker/src/main.ts` with the benchmark's model and operator. */
import { runService } from "@openvibe/composition";
import { createContext } from "@openvibe/context";
import { createWorker } from "@openvibe/worker";
import { benchModel } from "./bench-model.ts";
import w4 from "./w4-operator.ts";

await runService("worker", async ({ config, store, bus, clock, logger, metrics, signal }) => {
  const worker = createWorker({
    definitions: [w4],
    bus,
    store,
    context: createContext(bus.buckets, clock),
    llm: benchModel,
    clock,
    logger,
    observer: metrics,
    form: config.graphForm,
    drainTimeoutMs: 1_000, // nothing is in flight when it is told to stop
  });
  await worker.run(signal);
});
