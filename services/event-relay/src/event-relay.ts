import type { Bus } from "@openvibe/bus";
import type { Clock, Logger } from "@openvibe/core";
import { createTargetGuard, type TargetGuard } from "@openvibe/http";
import type { Store } from "@openvibe/store";
import type { Metrics } from "@openvibe/telemetry";
import type { FastifyPluginAsync } from "fastify";
import { eventStreamRoutes } from "./event-stream-routes.ts";
import { History } from "./history.ts";
import { EventHub, type HubOptions } from "./hub.ts";
import type { HubListener } from "./hub-listeners.ts";
import { KnownOperators } from "./known-operators.ts";
import { OpenStreams, type OpenStreamsOptions } from "./open-streams.ts";
import type { RelayFaults, RelayParts } from "./relay-parts.ts";
import { runStreamRoutes } from "./run-stream-routes.ts";
import { type WebhookOptions, Webhooks } from "./webhooks/webhooks.ts";

export interface EventRelayOptions {
  readonly bus: Pick<Bus, "log" | "signals">;
  readonly store: Pick<Store, "settings" | "runs" | "manifests" | "subscriptions" | "deliveries">;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "sseClients" | "sseClientDropped" | "webhookAttempted">;
  readonly clock: Clock;
  /** Makes the id of a new log's epoch; random by default. */
  readonly newEpoch?: () => string;
  readonly limits?: RelayLimits;
  /** Where webhooks may go; to the public internet alone by default. */
  readonly targets?: TargetGuard;
  readonly webhooks?: Pick<WebhookOptions, "lookup" | "timeoutMs" | "perSubscription" | "lookEveryMs">;
  /** For tests only. */
  readonly faults?: RelayFaults;
}

export type RelayLimits = Pick<HubOptions, "maxEntries" | "maxBytes" | "preload" | "lookEveryMs"> &
  Pick<OpenStreamsOptions, "maxStreams" | "maxStreamsPerKey" | "writer">;

export interface EventRelay extends AsyncDisposable {
  /** `GET /v1/events/stream` and `GET /v1/operators/{operator_id}/runs/{run_id}/stream`. Closing the server drains. */
  readonly plugin: FastifyPluginAsync;
  /** Until it has resolved, clients get streams that end at once. @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE */
  start(): Promise<void>;
  /** Ends every stream cleanly and opens no more; those who come meanwhile are told to come back in one to three seconds. */
  drain(): Promise<void>;
  /** Tells the type of every event as it is stored, best effort. */
  listen(hear: (type: string) => void): Promise<Disposable>;
  /** Streams open now. */
  readonly openStreams: number;
}

/** Hears the event log once for this process and tells it to any number of clients (DESIGN promise 5), and to whoever subscribed (promise 6). */
export function createEventRelay(options: EventRelayOptions): EventRelay {
  const { bus, store, logger, metrics, clock, newEpoch, limits = {}, targets = createTargetGuard(), faults } = options;
  const { log, signals } = bus;
  const hub = new EventHub({ log, settings: store.settings, logger, ...(newEpoch === undefined ? {} : { newEpoch }), ...limits });
  const streams = new OpenStreams({ logger, ...(metrics === undefined ? {} : { metrics }), ...limits });
  const known = new KnownOperators(store.manifests);
  const parts: RelayParts = { hub, history: new History(log), log, signals, runs: store.runs, known, streams, clock, logger, faults };
  const counted = metrics === undefined ? {} : { metrics };
  const webhooks = new Webhooks({ hub, log, store, guard: targets, clock, logger, ...counted, ...options.webhooks });
  return {
    plugin: async (app) => {
      // An open stream would keep the server from closing for ever.
      app.addHook("preClose", () => streams.drain());
      await app.register(eventStreamRoutes, parts);
      await app.register(runStreamRoutes, parts);
    },
    async start() {
      await hub.start();
      webhooks.start();
      streams.accept();
    },
    drain: () => streams.drain(),
    listen: async (hear) => listenTo(hub, hear),
    get openStreams() {
      return streams.count;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([streams.drain(), webhooks[Symbol.asyncDispose]()]);
      await hub[Symbol.asyncDispose]();
    },
  };
}

function listenTo(hub: EventHub, hear: (type: string) => void): Disposable {
  const listener: HubListener = {
    offer: ({ type }) => hear(type),
    interrupt: () => {
      detach = hub.attach(listener, undefined);
    },
  };
  let detach = hub.attach(listener, undefined);
  return { [Symbol.dispose]: () => detach() };
}
