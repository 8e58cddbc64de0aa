import { createEngine, type EngineOptions } from "@openvibe/runtime";

export type WorkerOptions = EngineOptions;

export interface Worker {
  /** Takes activations and runs their graphs until `signal` aborts, then drains. `onReady` is called when all operators take work. */
  run(signal: AbortSignal, onReady?: () => void): Promise<void>;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID when an operator cannot be compiled */
export function createWorker(options: WorkerOptions): Worker {
  return createEngine(options);
}
