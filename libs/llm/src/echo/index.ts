export { createEcho, type EchoOptions } from "./echo.ts";
export { sampleOf } from "./sample-of.ts";
