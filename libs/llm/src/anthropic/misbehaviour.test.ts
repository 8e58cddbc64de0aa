/** What a vendor, a proxy or the network can do to a call of Anthropic's adapter, and what becomes of it. */
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { OpenVibeError } from "@openvibe/core";
import { type AnthropicReply, anthropicError } from "@openvibe/testing";
import { describe, expect, test } from "vitest";
import { withRetries } from "../with-retries.ts";
import { createAnthropic } from "./anthropic.ts";
import { KEY, openScene, PROMPT, REQUEST } from "./scene.fixture.ts";

const { signal } = new AbortController();

const answer = (value: unknown) => ({ rawBody: JSON.stringify(value), headers: { "content-type": "application/json" } });
const message = (changes: object) =>
  answer({ type: "message", model: "claude-haiku-5-5", content: [{ type: "text", text: "x" }], stop_reason: "end_turn", ...changes });
const events = (...list: object[]) => ({
  rawBody: list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""),
  headers: { "content-type": "text/event-stream" },
});
const START = { type: "message_start", message: { type: "message", model: "claude-haiku-5-5", content: [] } };
const BLOCK = { type: "content_block_start", index: 0, content_block: { type: "text", text: "half" } };
const END = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { input_tokens: 1, output_tokens: 1 } };
const STOP = { type: "message_stop" };

/** What a vendor, a proxy or the network can do to a call, and the code it ends with. */
const MISBEHAVIOURS: readonly [what: string, reply: AnthropicReply, code: string, mode?: "plain" | "stream"][] = [
  ["HTML with 200", { rawBody: "<html>Sign in</html>", headers: { "content-type": "text/html" } }, "OV_LLM_RESPONSE_INVALID"],
  ["nothing with 200", { rawBody: "" }, "OV_LLM_RESPONSE_INVALID"],
  ["204", { status: 204, rawBody: "" }, "OV_LLM_RESPONSE_INVALID"],
  ["{} with 200", answer({}), "OV_LLM_RESPONSE_INVALID"],
  ["null with 200", answer(null), "OV_LLM_RESPONSE_INVALID"],
  ["another vendor's schema", answer({ choices: [{ message: { content: "hi" } }] }), "OV_LLM_RESPONSE_INVALID"],
  ["an error with 200", answer({ type: "error", error: { type: "api_error" } }), "OV_LLM_RESPONSE_INVALID"],
  ["content that is a text", message({ content: "hi" }), "OV_LLM_RESPONSE_INVALID", "plain"],
  ["a text block without text", message({ content: [{ type: "text", text: 12 }] }), "OV_LLM_RESPONSE_INVALID", "plain"],
  ["a block that is null", message({ content: [null] }), "OV_LLM_RESPONSE_INVALID", "plain"],
  ["no model", message({ model: undefined }), "OV_LLM_RESPONSE_INVALID", "plain"],
  ["no stop reason", message({ stop_reason: null }), "OV_LLM_RESPONSE_INVALID", "plain"],
  [
    "a tool that nobody declared",
    message({ content: [{ type: "tool_use", name: "pay" }], stop_reason: "tool_use" }),
    "OV_LLM_RESPONSE_INVALID",
    "plain",
  ],
  ["JSON that is cut", { cut: "tidy", text: "half" }, "OV_LLM_RESPONSE_INVALID"],
  ["a socket that is cut", { cut: "socket", text: "half" }, "OV_LLM_RESPONSE_INVALID"],
  ["an empty text", { text: "" }, "OV_LLM_RESPONSE_INVALID"],
  ["a refusal", { text: "I cannot", stopReason: "refusal" }, "OV_LLM_REFUSED"],
  ["a refusal without a word", { text: "", stopReason: "refusal" }, "OV_LLM_REFUSED"],
  ["a text cut at max_tokens", { text: "half", stopReason: "max_tokens" }, "OV_LLM_TRUNCATED"],
  ["a full context", { text: "half", stopReason: "model_context_window_exceeded" }, "OV_LLM_TRUNCATED"],
  ["more than 16 MB", { rawBody: Buffer.alloc(17 * 1024 * 1024, 32) }, "OV_LLM_RESPONSE_INVALID"],
  [
    "a gzip bomb",
    { rawBody: gzipSync(Buffer.alloc(64 * 1024 * 1024, 32)), headers: { "content-encoding": "gzip" } },
    "OV_LLM_RESPONSE_INVALID",
  ],
  ["an end of the stream before its stop event", events(START, BLOCK), "OV_LLM_RESPONSE_INVALID", "stream"],
  ["an end of the stream before its stop event, though the text is whole", events(START, BLOCK, END), "OV_LLM_RESPONSE_INVALID", "stream"],
  ["a stop event alone", events(STOP), "OV_LLM_RESPONSE_INVALID", "stream"],
  ["a stop event without a stop reason", events(START, BLOCK, STOP), "OV_LLM_RESPONSE_INVALID", "stream"],
  ["an event that is no JSON", { rawBody: "data: {half\n\n" }, "OV_LLM_RESPONSE_INVALID", "stream"],
  [
    "overload in mid-stream",
    events(START, BLOCK, { type: "error", error: { type: "overloaded_error", message: PROMPT } }),
    "OV_LLM_UNAVAILABLE",
    "stream",
  ],
  ["a rate limit in mid-stream", events(START, { type: "error", error: { type: "rate_limit_error" } }), "OV_LLM_RATE_LIMITED", "stream"],
  ["a nameless error in mid-stream", events(START, { type: "error" }), "OV_LLM_UNAVAILABLE", "stream"],
  ["no answer", { hang: "before_headers" }, "OV_LLM_TIMEOUT"],
  ["silence in the answer", { hang: "in_body" }, "OV_LLM_TIMEOUT"],
  ["a body that drips", { dripEveryMs: 10 }, "OV_LLM_TIMEOUT"],
  ["a closed socket", { closeSocket: true }, "OV_LLM_UNAVAILABLE"],
  ["400 with the prompt", anthropicError("invalid_request_error", `messages.0: ${PROMPT}`), "OV_LLM_REQUEST_REFUSED"],
  ["401 with the key", anthropicError("authentication_error", `invalid key ${KEY}`), "OV_LLM_AUTH"],
  ["401 with a part of the key", anthropicError("authentication_error", `invalid key ending in ${KEY.slice(-16)}`), "OV_LLM_AUTH"],
  ["402", anthropicError("billing_error", "no credit"), "OV_LLM_REQUEST_REFUSED"],
  ["403", anthropicError("permission_error", "not for you"), "OV_LLM_AUTH"],
  ["404 for the model", anthropicError("not_found_error", "model: claude-haiku-5-5"), "OV_MODEL_UNKNOWN"],
  ["404 for the address", { status: 404, rawBody: "<html>Not found</html>" }, "OV_LLM_REQUEST_REFUSED"],
  ["413", anthropicError("request_too_large", "too large"), "OV_LLM_REQUEST_REFUSED"],
  ["422", { status: 422, rawBody: "{}" }, "OV_LLM_REQUEST_REFUSED"],
  ["408", { status: 408, rawBody: "" }, "OV_LLM_UNAVAILABLE"],
  ["409", { status: 409, rawBody: "" }, "OV_LLM_UNAVAILABLE"],
  ["429", anthropicError("rate_limit_error", "slow down"), "OV_LLM_RATE_LIMITED"],
  ["500", anthropicError("api_error", "oops"), "OV_LLM_UNAVAILABLE"],
  ["500 that asks for another try", anthropicError("api_error", "oops", { "x-should-retry": "true" }), "OV_LLM_UNAVAILABLE"],
  ["500 with 17 MB of text", { status: 500, rawBody: Buffer.alloc(17 * 1024 * 1024, 65) }, "OV_LLM_UNAVAILABLE"],
  ["503 with HTML and the key", { status: 503, rawBody: `<html>${KEY}</html>` }, "OV_LLM_UNAVAILABLE"],
  ["529", anthropicError("overloaded_error", "overloaded"), "OV_LLM_UNAVAILABLE"],
  ["a redirect", { status: 307, headers: { location: "http://127.0.0.1:9/v1/messages" }, rawBody: "" }, "OV_LLM_RESPONSE_INVALID"],
];

describe.each(["plain", "stream"] as const)("asked for a %s answer, anthropic", (mode) => {
  const rows = MISBEHAVIOURS.filter(([, , , only]) => only === undefined || only === mode);

  test.each(rows)("meets %s with one request and its code", async (_what, reply, code) => {
    await using scene = await openScene({ reply: () => reply }, code === "OV_LLM_TIMEOUT" ? { timeoutMs: 400, idleMs: 200 } : {});
    const started = performance.now();

    const error = await failureOf(scene.llm.complete(REQUEST, { signal, ...(mode === "stream" ? { onDelta: () => {} } : {}) }));

    expect(error.code).toBe(code);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(scene.loopback.count).toBe(1);
    expectNoSecrets(error);
    if (code === "OV_LLM_TIMEOUT") await expect.poll(() => scene.loopback.openSockets()).toBe(0);
  });
});

describe("anthropic is told when to come back", () => {
  test.each<[headers: Record<string, string>, retryAfterMs: number | undefined]>([
    [{ "retry-after": "3600" }, 3_600_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "1.5" }, 1_500],
    [{ "retry-after-ms": "120", "retry-after": "7" }, 120],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT" }, 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT" }, undefined],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j is %s ms", async (headers, retryAfterMs) => {
    const clock = { now: () => Date.parse("2026-11-22T12:00:00Z") };
    await using scene = await openScene({ reply: () => anthropicError("rate_limit_error", "slow down", headers) }, { clock });

    expect(await failureOf(scene.llm.complete(REQUEST, { signal }))).toMatchObject({ code: "OV_LLM_RATE_LIMITED", retryAfterMs });
  });

  test("by an overloaded vendor too, and what passes by itself is tried again around it", async () => {
    const replies = [
      anthropicError("overloaded_error", "later", { "retry-after-ms": "1" }),
      { cut: "socket" as const, text: "half" },
      "at last",
    ];
    await using scene = await openScene({ reply: () => replies.shift() ?? "never" });
    const waits: number[] = [];

    const llm = withRetries(scene.llm, { random: () => 0, onRetry: ({ delayMs }) => waits.push(delayMs) });

    expect(await llm.complete(REQUEST, { signal })).toMatchObject({ content: "at last" });
    expect(waits).toEqual([1, 0]);
    expect(scene.loopback.count).toBe(3);
  });
});

describe("anthropic has patience", () => {
  test("with an answer that takes longer than the longest silence, but is never silent for so long", async () => {
    await using scene = await openScene({ reply: () => ({ text: "a slow answer", eventEveryMs: 60 }) }, { idleMs: 300 });
    const started = performance.now();

    const { content } = await scene.llm.complete(REQUEST, { signal, onDelta: () => {} });

    expect(content).toBe("a slow answer");
    expect(performance.now() - started).toBeGreaterThan(300);
  });
});

describe("anthropic lets go", () => {
  test("of a vendor that nobody runs", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const address = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const port = typeof address === "object" ? address?.port : undefined;

    const error = await failureOf(createAnthropic({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}` }).complete(REQUEST, { signal }));

    expect(error).toMatchObject({ code: "OV_LLM_UNAVAILABLE", message: expect.stringContaining("ECONNREFUSED") });
  });

  test("of the socket when its caller aborts in mid-answer", async () => {
    await using scene = await openScene({ reply: () => ({ dripEveryMs: 10 }) });
    const caller = new AbortController();
    const call = scene.llm.complete(REQUEST, { signal: caller.signal });
    await expect.poll(() => scene.loopback.count).toBe(1);

    caller.abort("cancelled");

    await expect(call).rejects.toBe("cancelled");
    await expect.poll(() => scene.loopback.openSockets()).toBe(0);
  });

  test.each([200, 500])("of the socket when the answer with %i is too long", async (status) => {
    await using scene = await openScene({ reply: () => ({ status, rawBody: Buffer.alloc(64 * 1024 * 1024, 32) }) });

    await failureOf(scene.llm.complete(REQUEST, { signal }));

    await expect.poll(() => scene.loopback.openSockets()).toBe(0);
  });

  test("of the caller's signal, however many calls it served", async () => {
    await using scene = await openScene({ reply: () => "fine" });
    const counting = new AbortController();
    let listeners = 0;
    const { signal: watched } = counting;
    const { addEventListener, removeEventListener } = watched;
    watched.addEventListener = (...all: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(watched, all);
    };
    watched.removeEventListener = (...all: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(watched, all);
    };

    await scene.llm.complete(REQUEST, { signal: watched });
    await scene.llm.complete(REQUEST, { signal: watched, onDelta: () => {} });

    expect(listeners).toBe(0);
  });

  test("of a stream that goes on after its last event", async () => {
    const whole = events(START, BLOCK, END, STOP);
    await using lingering = await openLingering(whole.rawBody);
    const llm = createAnthropic({ apiKey: KEY, baseUrl: lingering.url, timeoutMs: 10_000 });
    const started = performance.now();

    const completion = await llm.complete(REQUEST, { signal, onDelta: () => {} });

    expect(completion).toMatchObject({ content: "half", tokensIn: 1, tokensOut: 1 });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("of an error whose text never ends, with the error's own code", async () => {
    await using endless = await openLingering("", "503 Service Unavailable");

    const error = await failureOf(createAnthropic({ apiKey: KEY, baseUrl: endless.url, timeoutMs: 60_000 }).complete(REQUEST, { signal }));

    expect(error.code).toBe("OV_LLM_UNAVAILABLE");
    expect(error.message).toContain("503");
  });
});

async function failureOf(call: Promise<unknown>): Promise<OpenVibeError> {
  return call.then(
    (value) => expect.fail(`no failure but ${JSON.stringify(value)}`),
    (error: OpenVibeError) => error,
  );
}

/** In no message, no cause and no stack. */
function expectNoSecrets(error: unknown): void {
  for (let at = error; at instanceof Error; at = at.cause) {
    const shown = `${at.message} ${at.stack} ${JSON.stringify(at)}`;
    for (const secret of [KEY, KEY.slice(-16), PROMPT, "Northwind", "Fabrikam"]) expect(shown).not.toContain(secret);
  }
}

/** A server that answers and then goes on for ever: a comment every 20 ms, and no end of the body. */
async function openLingering(body: string, status = "200 OK") {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(`HTTP/1.1 ${status}\r\ncontent-type: text/event-stream\r\n\r\n${body}`);
      const more = setInterval(() => socket.write(": more\n"), 20);
      socket.once("close", () => clearInterval(more));
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
