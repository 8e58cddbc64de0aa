import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { freePort } from "@openvibe/stack";
import { startProgram } from "./program.ts";
import { OPENVIBE, type SystemKind } from "./system.ts";

/** (a): one process, SQLite in a file, memory bus. */
export const embedded: SystemKind = {
  name: "embedded",
  title: "(a) embedded",
  async start({ folder, nodeArgs }) {
    const port = await freePort();
    const path = join(folder, "openvibe.db");
    const env = { PORT: String(port), BENCH_STORE: path };
    const spawnedAt = performance.now();
    const program = await startProgram({ file: "bench/src/programs/embedded.ts", nodeArgs, env });
    return {
      ...OPENVIBE,
      port,
      spawnedAt,
      parts: [{ name: "program", pid: program.pid }],
      check: program.check,
      stop: program.stop,
      async countRuns() {
        const database = new DatabaseSync(path, { readOnly: true });
        try {
          const row = database.prepare("SELECT count(*) AS every, coalesce(sum(status = 'completed'), 0) AS ended FROM runs").get();
          return { ended: Number(row?.ended), all: Number(row?.every) };
        } finally {
          database.close();
        }
      },
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  },
};
