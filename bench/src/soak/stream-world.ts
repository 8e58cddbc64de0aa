import { setTimeout as sleep } from "node:timers/promises";
import { openNatsBus } from "@openvibe/bus/nats";
import { type JsonObject, newToken, toIso } from "@openvibe/core";
import { freePort, startNats } from "@openvibe/stack";
import { startProgram } from "../systems/program.ts";

const READY_WITHIN_MS = 60_000;

/** One relay in a process of its own, the broker it listens to, and a hand that publishes. */
export interface StreamWorld extends AsyncDisposable {
  /** Of the event stream. */
  readonly stream: string;
  readonly relayPid: number;
  /** Resolves once the event is stored. */
  publish(type: string, data: JsonObject): Promise<unknown>;
  /** Clients that the relay has dropped, whatever the reason. */
  countDrops(): Promise<number>;
  /** @throws what the relay said when it has ended by itself */
  check(): void;
}

export async function startStreamWorld({
  folder,
  probeEveryMs,
}: {
  readonly folder: string;
  readonly probeEveryMs: number;
}): Promise<StreamWorld> {
  await using starting = new AsyncDisposableStack();
  const nats = starting.use(await startNats({ own: true }));
  const bus = starting.use(await openNatsBus({ servers: nats.url, name: "soak-streams", apply: { replicas: 1 } }));
  const port = await freePort();
  const relay = starting.use(
    await startProgram({
      file: "services/event-relay/src/main.ts",
      nodeArgs: ["--expose-gc", "--import", new URL("./probe.ts", import.meta.url).href],
      env: {
        SOAK_FOLDER: folder,
        SOAK_EVERY_MS: String(probeEveryMs),
        NATS_URL: nats.url,
        OPENVIBE_STORE: "memory",
        OPENVIBE_PORT: String(port),
        OPENVIBE_LOG_LEVEL: "error",
      },
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + READY_WITHIN_MS; ; await sleep(50)) {
    relay.check();
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) break;
    if (Date.now() > until) throw new Error(`the relay is not ready after ${READY_WITHIN_MS} ms`);
  }
  const stack = starting.move();
  return {
    stream: `${url}/v1/events/stream`,
    relayPid: relay.pid,
    publish: (type, data) =>
      bus.log.append({
        ...{ id: newToken(), type, time: toIso(Date.now()), data },
        ...{ operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null },
      }),
    async countDrops() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return [...text.matchAll(/^openvibe_sse_dropped_clients_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    },
    check: relay.check,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
