/**
 * The floor: the stored writes of a run and nothing else. Six prepared statements one after the other (insert, claim, four steps of about 1 KB), each its
 * own transaction, not grouped; no LangGraph, no bus, no events. Environment: `DATABASE_URL`, `PORT`.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import Fastify from "fastify";
import { Pool } from "pg";
import { toDraftPrompt, toLetterPrompt, toReply, toScore, toVerdict, type W4Input } from "../w4.ts";

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query(
  "CREATE TABLE runs (run_id text PRIMARY KEY, status text NOT NULL, attempt int NOT NULL, step int NOT NULL, input text NOT NULL, state text) WITH (fillfactor = 50)",
);

const INSERT = { name: "insert", text: "INSERT INTO runs VALUES ($1, 'queued', 0, 0, $2, NULL)" };
const CLAIM = { name: "claim", text: "UPDATE runs SET status = 'running', attempt = attempt + 1 WHERE run_id = $1 AND status = 'queued'" };
const STEP = { name: "step", text: "UPDATE runs SET step = $2, state = $3, status = $4 WHERE run_id = $1 AND attempt = 1 AND step < $2" };

async function write(query: { readonly name: string; readonly text: string }, values: readonly unknown[]): Promise<void> {
  const { rowCount } = await pool.query({ ...query, values: [...values] });
  if (rowCount !== 1) throw new Error(`${query.name} changed ${rowCount} rows`);
}

async function ask(prompt: string, ms: number): Promise<string> {
  if (ms > 0) await delay(ms);
  return toReply(prompt);
}

async function run(input: W4Input): Promise<object> {
  const runId = randomUUID();
  let state: object = input;
  const step = async <T extends object>(number: number, patch: T): Promise<T> => {
    state = { ...state, ...patch };
    await write(STEP, [runId, number, JSON.stringify(state), number === 4 ? "completed" : "running"]);
    return patch;
  };
  await write(INSERT, [runId, JSON.stringify(input)]);
  await write(CLAIM, [runId]);
  const { draft } = await step(1, { draft: await ask(toDraftPrompt(input), input.model_ms) });
  const { score } = await step(2, { score: toScore({ ...input, draft }) });
  const { letter } = await step(3, { letter: await ask(toLetterPrompt({ score, draft }), input.model_ms) });
  await step(4, { verdict: toVerdict({ score, letter }) });
  return state;
}

const app = Fastify();
app.post<{ Body: W4Input }>("/runs", ({ body }) => run(body));
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });

process.once("SIGTERM", () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0));
});
