import { type Clock, isOpenVibeError, type Logger, messageOf, systemClock } from "@openvibe/core";
import { createLogger, createMetrics, type LogLevel, type Metrics } from "@openvibe/telemetry";
import { type Config, parseConfig } from "./config.ts";
import { type Faults, parseFaults } from "./faults.ts";
import { type OpenedAdapters, openAdapters } from "./open-adapters.ts";

export interface ServiceDeps extends OpenedAdapters {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly faults: Faults | undefined;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The first signal drains, a second SIGINT ends the process at once (130). */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort("SIGTERM"));
  process.on("SIGINT", () => (stop.signal.aborted ? process.exit(130) : stop.abort("SIGINT")));
  return stop.signal;
}

/** A service's `main.ts`: reads the environment, opens the chosen adapters, runs `main` until it ends, disposes in reverse. Exits 2 on a wrong configuration. */
export async function runService(name: string, main: (deps: ServiceDeps) => Promise<void>): Promise<void> {
  // Reading the environment is a native call each time, and LangGraph reads it dozens of times a run.
  process.env = { ...process.env };
  const signal = stopSignal();
  try {
    const config = parseConfig(process.env);
    const faults = parseFaults(process.env);
    const logger = createLogger({ level: config.logLevel as LogLevel, name, secrets: secretsOf(config) });
    const metrics = createMetrics();
    const { store, bus } = await openAdapters(config, { name, logger, ...(faults === undefined ? {} : { faults }) });
    await using _store = store;
    await using _bus = bus;
    await main({ config, logger, metrics, store, bus, clock: systemClock, faults, signal });
  } catch (error) {
    if (signal.aborted) return;
    process.stderr.write(`openvibe ${name}: ${messageOf(error)}\n`);
    process.exitCode = isOpenVibeError(
      error,
      "OV_CONFIG_INVALID",
      "OV_DEFINITION_INVALID",
      "OV_BUS_CONFIG",
      "OV_STORE_SCHEMA",
      "OV_STORE_IN_USE",
    )
      ? 2
      : 1;
  }
}

export function secretsOf({ apiKeys, llm, store, bus }: Config): string[] {
  const passwords = [...(store.kind === "postgres" ? [store.url] : []), ...(bus.kind === "nats" ? bus.servers : [])].map((address) =>
    URL.canParse(address) ? new URL(address).password : "",
  );
  return [...(apiKeys ?? []), ...(llm.kind === "anthropic" ? [llm.apiKey] : []), ...passwords].filter((secret) => secret.length >= 4);
}
