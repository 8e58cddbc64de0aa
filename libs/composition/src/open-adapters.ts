import { type Bus, withDatarefs } from "@openvibe/bus";
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

/** Opens the chosen store and bus, loading only those; both or none. What is opened first is for the caller to dispose last. */
export async function openAdapters(config: Config, options: OpenOptions): Promise<OpenedAdapters> {
  const { store, database } = config.store.kind === "postgres" ? await openPostgres(config.store, options) : await openSqlite(config.store);
  try {
    return { store, bus: withDatarefs(await openBus(config, options, database), store.eventData) };
  } catch (error) {
    await store[Symbol.asyncDispose](); // an open connection would keep the process that failed to start
    throw error;
  }
}

interface OpenedStore {
  readonly store: Store;
  /** Where a memory bus keeps its log. */
  readonly database: () => Promise<Database>;
}

async function openSqlite({ path }: Extract<Config["store"], { kind: "sqlite" }>): Promise<OpenedStore> {
  const { openSqliteStore } = await import("@openvibe/store/sqlite");
  const store = openSqliteStore({ path });
  return { store, database: async () => store.database };
}

async function openPostgres(
  { url, schema }: Extract<Config["store"], { kind: "postgres" }>,
  { logger, faults }: OpenOptions,
): Promise<OpenedStore> {
  const { openPostgresStore } = await import("@openvibe/store/postgres");
  const store = await openPostgresStore({ url, schema, logger, ...(faults === undefined ? {} : { faults }) });
  return { store, database: memoryDatabase };
}

type Database = import("node:sqlite").DatabaseSync;

async function openBus(config: Config, { name, logger }: OpenOptions, database: () => Promise<Database>): Promise<Bus> {
  if (config.bus.kind === "memory") {
    const { openMemoryBus } = await import("@openvibe/bus/memory");
    return openMemoryBus({ database: await database() });
  }
  if (config.bus.kind === "redis") {
    const { openRedisBus } = await import("@openvibe/bus/redis");
    const { url, namespace } = config.bus;
    return await openRedisBus({ url, namespace, name, logger });
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
    return createEcho({ aliases: config.llm.aliases });
  }
  const { createAnthropic } = await import("@openvibe/llm/anthropic");
  const { apiKey, baseUrl, aliases } = config.llm;
  return createAnthropic({ apiKey, logger, aliases, ...(baseUrl === undefined ? {} : { baseUrl }) });
}
