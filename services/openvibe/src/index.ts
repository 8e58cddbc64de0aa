/** What authors import. Loads the sdk only: servers and vendors are loaded when `serve` or `createRuntime` is called. */
export * from "@openvibe/sdk";
export { configure, type Defaults } from "./configure.ts";
export { type ConfigFile, defineConfig } from "./define-config.ts";
export type { Hooks } from "./hooks.ts";
export { loadOperators } from "./load-operators.ts";
export { createRuntime, type EndedRun, type Runtime, type RuntimeOptions, type StartedRun } from "./runtime.ts";
export { type Served, type ServeOptions, serve } from "./serve.ts";
