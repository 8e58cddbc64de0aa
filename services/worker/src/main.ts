import { loadOperators, openLlm, openPosted, runService } from "@openvibe/composition";
import { createContext } from "@openvibe/context";
import { createWorker } from "./worker.ts";

await runService("worker", async ({ config, store, bus, clock, logger, metrics, ops, signal }) => {
  const { operatorFiles: files, operators: only, handlerFiles } = config;
  const from = { files, only, handlerFiles, cwd: process.cwd(), env: process.env };
  const definitions = config.postedOperators === "only" ? [] : await loadOperators(from);
  const posted = await openPosted(config, process.cwd());
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
    ...(posted === undefined ? {} : { posted }),
    ...(config.slotsPerOperator === undefined ? {} : { slotsPerOperator: config.slotsPerOperator }),
    ...(config.drainTimeoutMs === undefined ? {} : { drainTimeoutMs: config.drainTimeoutMs }),
    ...(config.maxBlockedMs === undefined ? {} : { maxBlockedMs: config.maxBlockedMs }),
  });
  await worker.run(signal, ops.ready);
});
