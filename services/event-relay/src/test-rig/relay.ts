import { DatabaseSync } from "node:sqlite";
import type { Bus } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import { openNatsBus } from "@openvibe/bus/nats";
import { silentLogger, systemClock } from "@openvibe/core";
import { type ApiKey, createAuth, createHttpServer, readSse, type SseClientOptions, type SseMessage } from "@openvibe/http";
import type { Store } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { inject } from "vitest";
import { createEventRelay, type EventRelayOptions } from "../event-relay.ts";

export interface Ground extends AsyncDisposable {
  readonly bus: Bus;
  readonly store: Store;
}

/** A bus and a store in memory, real ones. */
export function openMemoryGround(): Ground {
  const database = new DatabaseSync(":memory:");
  const bus = openMemoryBus({ database });
  const store = openSqliteStore({ path: ":memory:" });
  return {
    bus,
    store,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      database.close();
    },
  };
}

/** The run's nats-server, which other tests write to as well, and a store in memory. */
export async function openNatsGround(): Promise<Ground> {
  const bus = await openNatsBus({ servers: inject("natsUrl"), name: "event-relay-test", apply: { replicas: 1 } });
  const store = openSqliteStore({ path: ":memory:" });
  return {
    bus,
    store,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** A relay behind a real server on loopback, whose clients come back after a millisecond. */
export async function startRelay(
  ground: Pick<EventRelayOptions, "bus" | "store">,
  options: Partial<EventRelayOptions> & { readonly keys?: readonly ApiKey[] } = {},
) {
  const { limits = {}, keys, ...rest } = options;
  const relay = createEventRelay({
    logger: silentLogger,
    clock: systemClock,
    bus: ground.bus,
    store: ground.store,
    ...rest,
    limits: { lookEveryMs: 50, ...limits, writer: { retryMs: 1, ...limits.writer } },
  });
  const app = createHttpServer({ logger: silentLogger, metrics: { httpRequestEnded() {} }, auth: createAuth({ keys }) });
  await app.register(relay.plugin);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  await relay.start();
  return {
    url,
    app,
    relay,
    stream: `${url}/v1/events/stream`,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      app.server.closeAllConnections(); // fetch keeps spare connections, which never had a request
      await app.close();
    },
  };
}

/** A client that keeps what it reads. Disposing ends it. */
export function watch(url: string | ((attempt: number) => string), options: SseClientOptions = {}) {
  const messages: SseMessage[] = [];
  const stop = new AbortController();
  let connections = 0;
  const connected = Promise.withResolvers<void>();
  const onConnect: SseClientOptions["onConnect"] = (connection) => {
    connections++;
    connected.resolve();
    options.onConnect?.(connection);
  };
  const done = (async () => {
    for await (const message of readSse(url, { ...options, signal: stop.signal, onConnect })) messages.push(message);
  })();
  done.catch(connected.reject);
  connected.promise.catch(() => {}); // told through `done`
  return {
    messages,
    /** Resolves when the iteration ends by itself. */
    done,
    connected: connected.promise,
    get connections() {
      return connections;
    },
    /** Payloads' numbers, as `appendMany` makes them. */
    numbers: () => messages.map((message) => (JSON.parse(message.data) as { data: { n?: number } }).data.n),
    types: () => messages.map(({ event }) => event),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done.catch(() => {}); // a refusal is the subject of the test that awaits `done`
    },
  };
}
