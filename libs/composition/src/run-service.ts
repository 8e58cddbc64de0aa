import { type Clock, isOpenVibeError, type Logger, messageOf, systemClock } from "@openvibe/core";
import { createLogger, createMetrics, createScrubber, type LogLevel, type Metrics } from "@openvibe/telemetry";
import { type Config, loadConfig } from "./config.ts";
import { type Faults, parseFaults } from "./faults.ts";
import { limitStop } from "./limit-stop.ts";
import { type OpenedAdapters, openAdapters } from "./open-adapters.ts";
import { type Ops, openOps } from "./open-ops.ts";
import { secretsOf } from "./secrets.ts";
import { keepAlive, stopSignal } from "./stop-signal.ts";
import { outliveStrayRejections } from "./stray-rejections.ts";

export interface ServiceDeps extends OpenedAdapters {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly faults: Faults | undefined;
  /** Its probes and metrics: `ready()` when it takes work. */
  readonly ops: Ops;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Start fails for these until somebody changes something: exit code 2. */
const NEEDS_CHANGE = ["OV_CONFIG_INVALID", "OV_DEFINITION_INVALID", "OV_BUS_CONFIG", "OV_STORE_SCHEMA", "OV_STORE_IN_USE"] as const;

/**
 * A service's `main.ts`: reads the configuration, opens the chosen adapters, runs `main` until it ends, disposes in reverse.
 * Exit codes: 0 stopped by a signal or done, 2 wrong configuration (environment, operator files, broker, database), 1 any other failure (starting
 * again may help), 130 a second SIGINT. A failure is one line on standard error.
 */
export async function runService(name: string, main: (deps: ServiceDeps) => Promise<void>): Promise<void> {
  // Reading the environment is a native call each time, and LangGraph reads it dozens of times a run.
  process.env = { ...process.env };
  const signal = stopSignal();
  using _alive = keepAlive();
  let scrub = (text: string) => text;
  try {
    const config = await loadConfig(process.env);
    scrub = createScrubber(secretsOf(config));
    const faults = parseFaults(process.env);
    const logger = createLogger({ level: config.logLevel as LogLevel, name, secrets: secretsOf(config) });
    outliveStrayRejections(logger);
    const metrics = createMetrics();
    const { store, bus } = await openAdapters(config, { name, logger, ...(faults === undefined ? {} : { faults }) });
    using _limit = limitStop({ config, store, bus, logger, signal });
    await using _store = store;
    await using _bus = bus;
    await using ops = await openOps({ config, store, bus, metrics, logger, stopping: signal });
    await main({ config, logger, metrics, store, bus, clock: systemClock, faults, ops, signal });
  } catch (error) {
    process.stderr.write(scrub(`openvibe ${name}: ${messageOf(error)}\n`));
    if (signal.aborted) return; // it was to end, and it does
    process.exitCode = isOpenVibeError(error, ...NEEDS_CHANGE) ? 2 : 1;
  }
}
