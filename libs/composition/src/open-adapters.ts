import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Bus } from "@openvibe/bus";
import type { Logger } from "@openvibe/core";
import type { LlmProvider } from "@openvibe/llm";
import type { Store } from "@openvibe/store";
import type { Config } from "./config.ts";
import type { Faults } from "./faults.ts";

export interface OpenedAdapters {
  readonly bus: Bus;
  readonly store: Store;
}

export interface OpenOptions {
  /** Of the process, as it shows in the database's and the broker's lists. */
  readonly name: string;
  readonly logger: Logger;
  readonly faults?: Faults;
}

/** Opens the chosen store and bus, loading only those. What is opened first is for the caller to dispose last. */
export async function openAdapters(config: Config, options: OpenOptions): Promise<OpenedAdapters> {
  if (config.store.kind === "postgres") {
    const store = await openPostgres(config.store, options);
    return { store, bus: await openBus(config, options, () => memoryDatabase()) };
  }
  const { openSqliteStore } = await import("@openvibe/store/sqlite");
  const { path } = config.store;
  if (path !== ":memory:") await mkdir(dirname(path), { recursive: true });
  const store = openSqliteStore({ path });
  return { store, bus: await openBus(config, options, async () => store.database) };
}

async function openPostgres(
  { url, schema }: Extract<Config["store"], { kind: "postgres" }>,
  { logger, faults }: OpenOptions,
): Promise<Store> {
  const { openPostgresStore } = await import("@openvibe/store/postgres");
  return await openPostgresStore({ url, schema, logger, ...(faults === undefined ? {} : { faults }) });
}

type Database = import("node:sqlite").DatabaseSync;

async function openBus(config: Config, { name, logger }: OpenOptions, database: () => Promise<Database>): Promise<Bus> {
  if (config.bus.kind === "memory") {
    const { openMemoryBus } = await import("@openvibe/bus/memory");
    return openMemoryBus({ database: await database() });
  }
  const { openNatsBus } = await import("@openvibe/bus/nats");
  const { servers, replicas } = config.bus;
  return await openNatsBus({ servers: [...servers], name, logger, apply: { replicas } });
}

async function memoryDatabase(): Promise<Database> {
  const { DatabaseSync } = await import("node:sqlite");
  return new DatabaseSync(":memory:");
}

export async function openLlm(config: Config, logger: Logger): Promise<LlmProvider> {
  if (config.llm.kind === "echo") {
    const { createEcho } = await import("@openvibe/llm/echo");
    return createEcho();
  }
  const { createAnthropic } = await import("@openvibe/llm/anthropic");
  const { apiKey, baseUrl } = config.llm;
  return createAnthropic({ apiKey, logger, ...(baseUrl === undefined ? {} : { baseUrl }) });
}
