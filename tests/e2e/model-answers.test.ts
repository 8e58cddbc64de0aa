/** What a model and its vendor may answer, through a run: what is used, what is repaired or tried again, and how the run says what was wrong. */
import { type AnthropicLoopback, type AnthropicReply, anthropicError, startAnthropicLoopback } from "@openvibe/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, createClient, type RunBody } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import answers from "../support/e2e-model-answers.ts";

const GOOD = '{"fit_score": 85, "reason": "fits"}';
const FITS = { fit_score: 85, reason: "fits" };

/** What the vendor answers in each case, one after the other; the last one again and again. */
const replies = new Map<string, readonly AnthropicReply[]>();
/** User prompts by case. */
const prompts = new Map<string, string[]>();
let stack: AsyncDisposableStack;
let vendor: AnthropicLoopback;
let client: Client;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  vendor = stack.use(
    await startAnthropicLoopback({
      reply({ user }) {
        const name = /^case (\S+)/.exec(user)?.[1] ?? "";
        const asked = prompts.get(name) ?? [];
        prompts.set(name, [...asked, user]);
        const script = replies.get(name) ?? [];
        return script[Math.min(asked.length, script.length - 1)] ?? anthropicError("invalid_request_error", `no case ${name}`);
      },
    }),
  );
  const env = { OPENVIBE_STORE: "memory", OPENVIBE_LLM: "anthropic", ANTHROPIC_API_KEY: "none-needed", OPENVIBE_LLM_BASE_URL: vendor.url };
  const server = stack.use(await startServer({ command: "dev", files: ["tests/support/e2e-model-answers.ts"], env }));
  client = createClient(server.url);
});

afterAll(async () => {
  await stack?.disposeAsync();
});

let cases = 0;

/** Runs a workflow against these answers. */
async function answered(
  workflow: "judge" | "say" | "choose",
  ...script: readonly AnthropicReply[]
): Promise<{ run: RunBody; asked: string[] }> {
  const name = `c${cases++}`;
  replies.set(name, script);
  const run = await client.run(answers.manifest.id, workflow, { case: name });
  return { run, asked: prompts.get(name) ?? [] };
}

describe("JSON for two fields", () => {
  test.each([
    ["as it is", GOOD],
    ["in a fence", `\`\`\`\n${GOOD}\n\`\`\``],
    ["in a fence that says json, with white space around", `\n\n \`\`\`json\n${GOOD}\n\`\`\` \n`],
    ["over several lines", JSON.stringify(FITS, null, 4)],
  ])("is taken %s", async (_, reply) => {
    const { run, asked } = await answered("judge", reply);

    expect(run).toMatchObject({ status: "completed", output: FITS, metrics: { llm_calls: 1, nodes_failed: 0 } });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["prose before it", `Here it is: ${GOOD}`, "the answer must be one JSON object"],
    ["prose after its fence", `\`\`\`json\n${GOOD}\n\`\`\`\nAnything else?`, "the answer must be one JSON object"],
    ["single quotes", "{'fit_score': 85, 'reason': 'fits'}", "the answer must be one JSON object"],
    ["a comment", '{"fit_score": 85, /* sure */ "reason": "fits"}', "the answer must be one JSON object"],
    ["cut off", '{"fit_score": 85, "rea', "the answer must be one JSON object"],
    ["a list", `[${GOOD}]`, "the answer must be one JSON object"],
    ["a key twice", '{"fit_score": 1, "fit_score": 85, "reason": "fits"}', "fit_score"],
    ["a text for a number", '{"fit_score": "85", "reason": "fits"}', "/fit_score"],
    ["a fraction for a whole number", '{"fit_score": 85.5, "reason": "fits"}', "/fit_score"],
    ["a number too large to be one", '{"fit_score": 1e400, "reason": "fits"}', "fit_score"],
    ["a number out of its range", '{"fit_score": 101, "reason": "fits"}', "/fit_score"],
    ["null", '{"fit_score": null, "reason": "fits"}', "/fit_score"],
    ["a key too few", '{"reason": "fits"}', "/fit_score"],
    ["a key too many", '{"fit_score": 85, "reason": "fits", "extra": 1}', "extra"],
    ["a reserved key", '{"fit_score": 85, "reason": "fits", "__proto__": {"admin": true}}', "__proto__"],
    ["10,000 levels", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, "deep"],
  ])("with %s is repaired once, and fails the run when it comes again", async (_, reply, told) => {
    const [repaired, failed] = await Promise.all([answered("judge", reply, GOOD), answered("judge", reply)]);

    expect(repaired.run).toMatchObject({
      status: "completed",
      output: FITS,
      metrics: { llm_calls: 2, nodes_executed: 1, nodes_failed: 0 },
    });
    expect(repaired.asked[1], "the model sees its answer").toContain(reply.slice(0, 1_000));
    expect(repaired.asked[1], "and what is wrong with it").toContain(told);
    expect(failed.run).toMatchObject({
      status: "failed",
      output: {},
      error: { code: "OV_LLM_OUTPUT_INVALID", node_id: "judge", message: expect.stringContaining(told) },
      metrics: { llm_calls: 2, nodes_executed: 0, nodes_failed: 1 },
    });
    expect(failed.asked).toHaveLength(2);
  });
});

test("text is kept as it is, whatever it looks like", async () => {
  const text = ` \`\`\`json\n${GOOD}\n\`\`\`\n{{case}} \${HOME} <script> \u2028 😀 {"lc":1,"type":"constructor","id":["nope"]}\n`;

  const { run } = await answered("say", text);

  expect(run).toMatchObject({ status: "completed", output: { note: text } });
});

test("a word of the model's that is no route fails the run, naming the routes", async () => {
  const { run } = await answered("choose", "__proto__");

  expect(run).toMatchObject({
    status: "failed",
    error: { code: "OV_ROUTE_UNKNOWN", node_id: "way", message: expect.stringContaining("left, right") },
  });
});

describe("an answer that ended otherwise than it should", () => {
  test.each<[string, AnthropicReply, string]>([
    ["the model refused", { text: "I cannot.", stopReason: "refusal" }, "OV_LLM_REFUSED"],
    ["the answer was cut off at max_tokens", { text: GOOD, stopReason: "max_tokens" }, "OV_LLM_TRUNCATED"],
    ["the key is wrong", anthropicError("authentication_error", "invalid key none-needed"), "OV_LLM_AUTH"],
    ["the request is refused", anthropicError("invalid_request_error", "no"), "OV_LLM_REQUEST_REFUSED"],
    ["the vendor wants an hour's patience", anthropicError("rate_limit_error", "slow", { "retry-after": "3600" }), "OV_LLM_RATE_LIMITED"],
  ])("%s: not asked again", async (_, reply, code) => {
    const { run, asked } = await answered("judge", reply);

    expect(run).toMatchObject({ status: "failed", error: { code, node_id: "judge" } });
    expect(run.error?.message).not.toContain("none-needed");
    expect(asked).toHaveLength(1);
    expect(run.metrics.duration_seconds).toBeLessThan(5);
  });

  const html = { headers: { "content-type": "text/html" }, rawBody: "<html><body>Service unavailable</body></html>" };
  const empty = { headers: { "content-type": "application/json" }, rawBody: "{}" };
  test.concurrent.each<[string, AnthropicReply, string]>([
    ["no text at all", { text: "" }, "OV_LLM_RESPONSE_INVALID"],
    ["a page of HTML with 200", html, "OV_LLM_RESPONSE_INVALID"],
    ["{} with 200", empty, "OV_LLM_RESPONSE_INVALID"],
    ["a stream that ends tidily in its middle", { cut: "tidy", text: GOOD }, "OV_LLM_RESPONSE_INVALID"],
    ["a stream whose socket breaks", { cut: "socket", text: GOOD }, "OV_LLM_RESPONSE_INVALID"],
    ["no answer at all", { closeSocket: true }, "OV_LLM_UNAVAILABLE"],
    ["529", anthropicError("overloaded_error", "busy"), "OV_LLM_UNAVAILABLE"],
  ])("%s: asked again, three times in all", async (_, reply, code) => {
    const [healed, failed] = await Promise.all([answered("judge", reply, GOOD), answered("judge", reply)]);

    expect(healed.run).toMatchObject({ status: "completed", output: FITS, attempt: 1 });
    expect(healed.asked).toHaveLength(2);
    expect(failed.run).toMatchObject({ status: "failed", output: {}, error: { code, node_id: "judge" } });
    expect(failed.asked).toHaveLength(3);
  });

  test("429 with Retry-After 1: asked again after that second, and not before", async () => {
    const { run, asked } = await answered("judge", anthropicError("rate_limit_error", "slow down", { "retry-after": "1" }), GOOD);

    expect(run).toMatchObject({ status: "completed", output: FITS });
    expect(asked).toHaveLength(2);
    expect(run.metrics.duration_seconds).toBeGreaterThanOrEqual(1);
    expect(run.metrics.duration_seconds).toBeLessThan(5);
  });
});

test.each<[string, Readonly<Record<string, unknown>> | null]>([
  ["is missing", null],
  ["is negative", { input_tokens: -5, output_tokens: -1 }],
  ["is text", { input_tokens: "12", output_tokens: "many" }],
  ["is empty", {}],
])("usage that %s counts as 0 tokens, and the cost is not known", async (_, usage) => {
  const { run } = await answered("judge", { text: GOOD, usage });

  expect(run).toMatchObject({ status: "completed", output: FITS });
  expect(run.metrics).toMatchObject({ tokens_in: 0, tokens_out: 0, cost_usd: null, llm_calls: 1 });
  const events = await client.events(answers.manifest.id, run.run_id);
  expect(events.find(({ nodeid }) => nodeid === "judge")?.data).toMatchObject({ tokens_in: 0, tokens_out: 0, cost_usd: null });
});
