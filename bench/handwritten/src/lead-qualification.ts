/**
 * Lead qualification as a user would write it today, with Fastify, LangGraph, the official PostgresSaver and the vendor's SDK. It does what
 * `operators/examples/lead-qualification.values.ts` does when it is served: accepts a lead over HTTP and answers at once, asks the models, keeps each
 * step, goes on after a crash, and tells the run with its output and its metrics. Environment: `DATABASE_URL`, `PORT`, `ANTHROPIC_API_KEY`.
 */
import { randomUUID } from "node:crypto";
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import Fastify from "fastify";
import { Pool } from "pg";
import { z } from "zod";

const MODELS = {
  haiku: { id: "claude-haiku-5-5", usdPerMillionIn: 0.1, usdPerMillionOut: 0.5 },
  sonnet: { id: "claude-sonnet-5-5", usdPerMillionIn: 2, usdPerMillionOut: 10 },
};

const Lead = z.strictObject({ contactId: z.string().default(""), source: z.string().default("") });
const Scores = z.object({ fitScore: z.number(), intentScore: z.number(), urgencyScore: z.number() });
const Activation = z.object({ trigger: z.literal("lead_qualification"), input: Lead });

interface Metrics {
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost_usd: number;
  readonly nodes_executed: number;
  readonly llm_calls: number;
}
const NOTHING: Metrics = { tokens_in: 0, tokens_out: 0, cost_usd: 0, nodes_executed: 0, llm_calls: 0 };

function sum(one: Metrics, other: Metrics): Metrics {
  return {
    tokens_in: one.tokens_in + other.tokens_in,
    tokens_out: one.tokens_out + other.tokens_out,
    cost_usd: one.cost_usd + other.cost_usd,
    nodes_executed: one.nodes_executed + other.nodes_executed,
    llm_calls: one.llm_calls + other.llm_calls,
  };
}

const State = Annotation.Root({
  contactId: Annotation<string>,
  source: Annotation<string>,
  companyData: Annotation<string>,
  fitScore: Annotation<number>,
  intentScore: Annotation<number>,
  urgencyScore: Annotation<number>,
  compositeScore: Annotation<number>,
  route: Annotation<string>,
  crmUpdated: Annotation<boolean>,
  metrics: Annotation<Metrics>({ reducer: sum, default: () => NOTHING }),
});

const anthropic = new Anthropic({ maxRetries: 2, timeout: 120_000 });

function metricsOf(usage: { input_tokens: number; output_tokens: number }, model: keyof typeof MODELS): Metrics {
  const { usdPerMillionIn, usdPerMillionOut } = MODELS[model];
  return {
    tokens_in: usage.input_tokens,
    tokens_out: usage.output_tokens,
    cost_usd: (usage.input_tokens * usdPerMillionIn + usage.output_tokens * usdPerMillionOut) / 1_000_000,
    nodes_executed: 1,
    llm_calls: 1,
  };
}

async function enrich({ contactId }: typeof State.State) {
  const { content, usage, stop_reason } = await anthropic.messages.create({
    model: MODELS.haiku.id,
    max_tokens: 4096,
    system: "You are a data enrichment specialist...",
    messages: [{ role: "user", content: `Enrich this contact: ${contactId}` }],
  });
  if (stop_reason !== "end_turn") throw new Error(`enrich: the answer ended with ${stop_reason}`);
  return { companyData: content.map((part) => (part.type === "text" ? part.text : "")).join(""), metrics: metricsOf(usage, "haiku") };
}

async function score({ companyData }: typeof State.State) {
  const { parsed_output, usage, stop_reason } = await anthropic.messages.parse({
    model: MODELS.sonnet.id,
    max_tokens: 4096,
    system: "You are a lead scoring expert...",
    messages: [{ role: "user", content: `Score this lead:\n${companyData}` }],
    output_config: { format: zodOutputFormat(Scores) },
  });
  if (parsed_output === null) throw new Error(`score: no scores, the answer ended with ${stop_reason}`);
  return { ...parsed_output, metrics: metricsOf(usage, "sonnet") };
}

function weigh({ fitScore, intentScore, urgencyScore }: typeof State.State) {
  const compositeScore = fitScore * 0.4 + intentScore * 0.35 + urgencyScore * 0.25;
  return { compositeScore, route: "pending", metrics: { ...NOTHING, nodes_executed: 1 } };
}

function pickRoute({ compositeScore }: typeof State.State): "sales" | "nurture" | "educate" {
  return compositeScore >= 80 ? "sales" : compositeScore >= 50 ? "nurture" : "educate";
}

function updateCrm() {
  return { crmUpdated: true, metrics: { ...NOTHING, nodes_executed: 1 } };
}

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const saver = new PostgresSaver(pool);
await saver.setup();
await pool.query(
  `CREATE TABLE IF NOT EXISTS runs (
     run_id text PRIMARY KEY, status text NOT NULL, input jsonb NOT NULL, output jsonb, error text, metrics jsonb,
     created_at timestamptz NOT NULL DEFAULT now(), completed_at timestamptz)`,
);

const graph = new StateGraph(State)
  .addNode("enrich", enrich)
  .addNode("score", score)
  .addNode("weigh", weigh)
  .addNode("update_crm", updateCrm)
  .addEdge(START, "enrich")
  .addEdge("enrich", "score")
  .addEdge("score", "weigh")
  .addConditionalEdges("weigh", pickRoute, { sales: "update_crm", nurture: "update_crm", educate: "update_crm" })
  .addEdge("update_crm", END)
  .compile({ checkpointer: saver });

/** From its beginning, or from its last checkpoint. */
async function execute(runId: string, input: z.output<typeof Lead>): Promise<void> {
  const config = { configurable: { thread_id: runId }, durability: "sync" as const };
  try {
    const begun = (await saver.getTuple(config)) !== undefined;
    const { metrics, ...output } = await graph.invoke(begun ? null : input, config);
    await end(runId, "completed", { output, metrics });
  } catch (error) {
    const message = error instanceof APIError ? `the model's vendor: ${error.message}` : String(error);
    await end(runId, "failed", { error: message });
  }
}

async function end(runId: string, status: string, { output = {}, metrics = NOTHING, error = null as string | null }): Promise<void> {
  await pool.query("UPDATE runs SET status = $2, output = $3, metrics = $4, error = $5, completed_at = now() WHERE run_id = $1", [
    runId,
    status,
    JSON.stringify(output),
    JSON.stringify(metrics),
    error,
  ]);
}

const app = Fastify();
app.post("/v1/operators/revenue_ops/activate", async (request, reply) => {
  const parsed = Activation.safeParse(request.body);
  if (!parsed.success) return reply.code(400).send({ title: "Invalid request", detail: z.prettifyError(parsed.error) });
  const runId = `run_${randomUUID()}`;
  await pool.query("INSERT INTO runs (run_id, status, input) VALUES ($1, 'running', $2)", [runId, JSON.stringify(parsed.data.input)]);
  void execute(runId, parsed.data.input);
  return reply.code(202).send({ run_id: runId, operator_id: "revenue_ops", workflow_id: "lead_qualification", status: "running" });
});
app.get<{ Params: { run_id: string } }>("/v1/operators/revenue_ops/runs/:run_id", async ({ params }, reply) => {
  const { rows } = await pool.query("SELECT * FROM runs WHERE run_id = $1", [params.run_id]);
  return rows.length === 0 ? reply.code(404).send({ title: "Run not found" }) : rows[0];
});

const { rows: unfinished } = await pool.query("SELECT run_id, input FROM runs WHERE status = 'running'");
for (const { run_id, input } of unfinished) void execute(run_id, input);
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 3000) });
process.stdout.write("listening\n");

process.once("SIGTERM", () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0));
});
