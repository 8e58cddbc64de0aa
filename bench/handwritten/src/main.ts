/** What a user would write today: one process, Fastify, LangGraph, the official PostgresSaver. Environment: `DATABASE_URL`, `PORT`. */
import { randomUUID } from "node:crypto";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import Fastify from "fastify";
import { Pool } from "pg";
import { compileGraph } from "./graph.ts";

interface Lead {
  readonly number: number;
  readonly model_ms: number;
  readonly notes: string;
}

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const saver = new PostgresSaver(pool);
await saver.setup();
const graph = compileGraph(saver);

const app = Fastify();
app.post<{ Body: Lead }>("/runs", ({ body }) =>
  // `sync`: a step's checkpoint is stored before the next step begins, as OpenVibe promises it
  graph.invoke(body, { configurable: { thread_id: randomUUID() }, durability: "sync" }),
);
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 3000) });

process.once("SIGTERM", () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0));
});
