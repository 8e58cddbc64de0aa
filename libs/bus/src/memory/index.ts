export { type MemoryBusOptions, openMemoryBus } from "./bus.ts";
