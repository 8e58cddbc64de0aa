import { freePort, startNats } from "@openvibe/stack";
import { startProgram } from "./program.ts";
import { countIn } from "./query.ts";
import { OPENVIBE, type SystemKind } from "./system.ts";

const RUNS = `SELECT count(*) AS all_runs, count(*) FILTER (WHERE status = 'completed') AS ended FROM openvibe.runs`;

/** (b): gateway, worker and scheduler as processes of their own, over a fresh nats-server and Postgres. */
export const mesh: SystemKind = {
  name: "mesh",
  title: "(b) NATS + Postgres",
  async start({ databaseUrl, postgres, nodeArgs }) {
    await using starting = new AsyncDisposableStack();
    const nats = starting.use(await startNats({ own: true }));
    if (nats.pid === undefined) throw new Error("the nats-server runs in a container: its cost cannot be read; put the program on PATH");
    const port = await freePort();
    const env = { NATS_URL: nats.url, DATABASE_URL: databaseUrl, OPENVIBE_PORT: String(port), OPENVIBE_LOG_LEVEL: "warn" };
    const spawnedAt = performance.now();
    const start = async (file: string) => starting.use(await startProgram({ file, nodeArgs, env }));
    const [gateway, worker, scheduler] = await Promise.all([
      start("services/gateway/src/main.ts"),
      start("bench/src/programs/worker.ts"),
      start("services/scheduler/src/main.ts"),
    ]);
    const programs = [gateway, worker, scheduler];
    const stack = starting.move();
    return {
      ...OPENVIBE,
      port,
      spawnedAt,
      parts: [
        { name: "gateway", pid: gateway.pid },
        { name: "worker", pid: worker.pid },
        { name: "scheduler", pid: scheduler.pid },
        postgres,
        { name: "nats", pid: nats.pid },
      ],
      check: () => {
        for (const program of programs) program.check();
      },
      async stop() {
        for (const program of programs) await program.stop();
      },
      countRuns: () => countIn(databaseUrl, RUNS),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
};
