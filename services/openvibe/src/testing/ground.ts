import { type Bus, type RequestEnvelope, type Requests, withDatarefs } from "@openvibe/bus";
import type { OpenedAdapters } from "@openvibe/composition";
import { type Clock, OpenVibeError, silentLogger } from "@openvibe/core";

/** Servers that a test runs on; each kit has a database schema of its own there, which is dropped at its end. */
export interface TestServers {
  /** `nats://127.0.0.1:4222`. One kit with the same operators at a time. */
  readonly natsUrl: string;
  readonly databaseUrl: string;
}

/** What a test stands on: a real store and a real bus, and a clock that is moved. */
export interface Ground extends AsyncDisposable {
  readonly adapters: OpenedAdapters;
  /** As the store's. */
  readonly clock: Clock;
  /** From now on the clock stands at this time or later. */
  moveTo(time: number): Promise<void>;
  /** The time by the store's clock, and how far it is ahead of real time, in milliseconds. */
  storeTime(): Promise<{ readonly now: number; readonly aheadMs: number }>;
}

/**
 * `on`, else the servers that `OPENVIBE_TEST_NATS_URL` and `OPENVIBE_TEST_DATABASE_URL` name, else memory.
 * @throws OpenVibeError OV_CONFIG_INVALID, OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE
 */
export async function openGround(on: "memory" | TestServers | undefined): Promise<Ground> {
  const servers = on ?? serversOf(process.env);
  return servers === "memory" ? await openMemory() : await openServers(servers);
}

function serversOf(env: Readonly<Record<string, string | undefined>>): "memory" | TestServers {
  const { OPENVIBE_TEST_NATS_URL: natsUrl = "", OPENVIBE_TEST_DATABASE_URL: databaseUrl = "" } = env;
  if (natsUrl === "" && databaseUrl === "") return "memory";
  if (natsUrl !== "" && databaseUrl !== "") return { natsUrl, databaseUrl };
  throw new OpenVibeError("OV_CONFIG_INVALID", "OPENVIBE_TEST_NATS_URL and OPENVIBE_TEST_DATABASE_URL go together: set both, or neither");
}

async function openMemory(): Promise<Ground> {
  const [{ openSqliteStore }, { openMemoryBus }] = await Promise.all([import("@openvibe/store/sqlite"), import("@openvibe/bus/memory")]);
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs };
  const store = openSqliteStore({ path: ":memory:", clock });
  const bus = openMemoryBus({ database: store.database, clock });
  return {
    adapters: { store, bus: withDatarefs(bus, store.eventData) },
    clock,
    async moveTo(time) {
      aheadMs = Math.max(aheadMs, Math.ceil(time) - Date.now());
    },
    storeTime: async () => ({ now: clock.now(), aheadMs }),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

async function openServers({ natsUrl, databaseUrl }: TestServers): Promise<Ground> {
  const [{ openPostgresStore, openPostgresTestSchema }, { openNatsBus }] = await Promise.all([
    import("@openvibe/store/postgres"),
    import("@openvibe/bus/nats"),
  ]);
  await using opening = new AsyncDisposableStack();
  const tests = opening.use(await openPostgresTestSchema(databaseUrl));
  const { schema } = tests;
  const store = opening.use(await openPostgresStore({ url: databaseUrl, schema, logger: silentLogger, testClock: true }));
  const bus = opening.use(await openNatsBus({ servers: natsUrl, name: "openvibe test kit", apply: { replicas: 1 } }));
  let aheadMs = 0;
  let movedTo = 0;
  const opened = opening.move();
  return {
    adapters: {
      store,
      bus: withDatarefs(
        withAhead(bus, () => aheadMs),
        store.eventData,
      ),
    },
    clock: { now: () => Math.max(movedTo, Date.now() + aheadMs) }, // the database's machine may be ahead of this one
    async moveTo(time) {
      ({ aheadMs } = await tests.moveTo(time));
      movedTo = Math.max(movedTo, Math.ceil(time));
    },
    storeTime: () => tests.moveTo(0),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A broker goes by real time, and so do the deadlines of questions on their way. */
function withAhead(bus: Bus, aheadMs: () => number): Bus {
  const later = (request: RequestEnvelope) => ({ ...request, deadlineAt: request.deadlineAt + aheadMs() });
  const requests: Requests = {
    announce: (served) => bus.requests.announce(served),
    ask: (operatorId, capability, request, signal) =>
      bus.requests.ask(operatorId, capability, { ...request, deadlineAt: request.deadlineAt - aheadMs() }, signal),
    answer: (operatorId, capability, answer) => bus.requests.answer(operatorId, capability, (request) => answer(later(request))),
    answerForAll: (capability, answer) =>
      bus.requests.answerForAll(capability, (operatorId, request) => answer(operatorId, later(request))),
  };
  return { ...bus, requests, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}
