import { type HookHandler, OpenVibeError } from "@openvibe/core";
import type { LogicHandler } from "@openvibe/sdk";
import { parseHookType } from "./open-hooks.ts";
import type { Runtime } from "./runtime.ts";
import type { OpenedYamlFile } from "./yaml-file.ts";

/** A runtime that starts when it is first used: until then code may register handlers for nodes of its YAML files. */
export function deferRuntime(files: readonly OpenedYamlFile[], start: () => Promise<Runtime>): Runtime {
  let running: Runtime | undefined;
  let starting: Promise<Runtime> | undefined;
  /** Hooks that came before the start. */
  const early: { readonly type: string; readonly handler: HookHandler<string> }[] = [];
  const off = (type: string, handler: HookHandler<string>) => {
    running?.off(type, handler);
    const index = early.findIndex((hook) => hook.type === type && hook.handler === handler);
    if (index !== -1) early.splice(index, 1);
  };
  const started = (): Promise<Runtime> => {
    starting ??= start().then(
      (runtime) => {
        running = runtime;
        for (const { type, handler } of early.splice(0)) runtime.on(type, handler);
        return runtime;
      },
      (error: unknown) => {
        starting = undefined; // a handler may be missing only
        throw error;
      },
    );
    return starting;
  };
  const deferred = {
    handler(operatorId: string, workflowId: string, nodeId: string, run: LogicHandler) {
      if (starting !== undefined) return refuseHandler();
      const file = files.find((each) => each.has(operatorId));
      if (file === undefined) throw new OpenVibeError("OV_CONFIG_INVALID", `no YAML file of this runtime has an operator ${operatorId}`);
      file.handle(operatorId, workflowId, nodeId, run);
      return deferred;
    },
    async start() {
      await started();
    },
    on(type: string, handler: HookHandler<string>): Disposable {
      parseHookType(type);
      if (running === undefined) early.push({ type, handler });
      else running.on(type, handler);
      return { [Symbol.dispose]: () => off(type, handler) };
    },
    off,
    activate: async (...given: Parameters<Runtime["activate"]>) => await (await started()).activate(...given),
    find: async (runId: string) => await (await started()).find(runId),
    cancel: async (runId: string) => await (await started()).cancel(runId),
    events: async (runId: string) => await (await started()).events(runId),
    context(bucket: string) {
      if (running === undefined) throw new OpenVibeError("OV_STARTING", "the runtime has not started: await runtime.start() first");
      return running.context(bucket);
    },
    async [Symbol.asyncDispose]() {
      if (starting !== undefined) await (await starting.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
  return deferred as Runtime;
}

export function refuseHandler(): never {
  throw new OpenVibeError("OV_CONFIG_INVALID", "the runtime has started: handlers are registered before, for operators of YAML files");
}
