/** `services/worker/src/main.ts` with the benchmark's model and the soak's operator. */
import { runService } from "@openvibe/composition";
import { createContext } from "@openvibe/context";
import { createWorker } from "@openvibe/worker";
import { benchModel } from "../../programs/bench-model.ts";
import soak from "./soak-operator.ts";

await runService("worker", async ({ config, store, bus, clock, logger, metrics, signal }) => {
  const context = createContext(bus.buckets, clock);
  const shared = { bus, store, context, clock, logger, observer: metrics, form: config.graphForm };
  await createWorker({ definitions: [soak], llm: benchModel, drainTimeoutMs: 1_000, ...shared }).run(signal);
});
