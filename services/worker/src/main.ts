import { loadOperators, openLlm, runService } from "@openvibe/composition";
import { createContext } from "@openvibe/context";
import { createWorker } from "./worker.ts";

await runService("worker", async ({ config, store, bus, clock, logger, metrics, ops, signal }) => {
  const definitions = await loadOperators({ files: config.operatorFiles, only: config.operators, cwd: process.cwd() });
  const worker = createWorker({
    definitions,
    bus,
    store,
    context: createContext(bus.buckets, clock),
    llm: await openLlm(config, logger),
    clock,
    logger,
    observer: metrics,
    form: config.graphForm,
    history: config.history ?? false,
    ...(config.slotsPerOperator === undefined ? {} : { slotsPerOperator: config.slotsPerOperator }),
    ...(config.drainTimeoutMs === undefined ? {} : { drainTimeoutMs: config.drainTimeoutMs }),
    ...(config.maxBlockedMs === undefined ? {} : { maxBlockedMs: config.maxBlockedMs }),
  });
  await worker.run(signal, ops.ready);
});
