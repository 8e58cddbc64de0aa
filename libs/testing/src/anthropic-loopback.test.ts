import { describe, expect, test } from "vitest";
import { startAnthropicLoopback } from "./anthropic-loopback.ts";
import { type AnthropicReply, anthropicError } from "./anthropic-reply.ts";

const BODY = { model: "claude-haiku-5-5", max_tokens: 100, system: "Be kind.", messages: [{ role: "user", content: "Say hello!" }] };
const HEADERS = { authorization: "Bearer k-1", "anthropic-version": "2026-10-21", "content-type": "application/json" };

function ask(url: string, body: unknown = BODY, headers: Record<string, string> = HEADERS): Promise<Response> {
  return fetch(`${url}/v1/messages`, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });
}

describe("the loopback vendor", () => {
  test("answers a message as JSON and keeps what it was asked", async () => {
    await using vendor = await startAnthropicLoopback({ reply: ({ user, system }) => `${system} ${user}` });

    const answer = await (await ask(vendor.url)).json();

    expect(answer).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "claude-haiku-5-5",
      content: [{ type: "text", text: "Be kind. Say hello!" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5, service_tier: "standard" },
    });
    expect(vendor.requests).toMatchObject([
      { model: "claude-haiku-5-5", maxTokens: 100, system: "Be kind.", user: "Say hello!", stream: false },
    ]);
  });

  test("streams the same message as server-sent events, in the vendor's order", async () => {
    await using vendor = await startAnthropicLoopback({ reply: () => "Hello, you over there!" });

    const response = await ask(vendor.url, { ...BODY, stream: true });
    const events = (await response.text()).split("\n\n").filter((event) => event !== "");
    const datas = events.map((event) => JSON.parse(event.split("\ndata: ")[1] ?? "") as { type: string; delta?: { text?: string } });

    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(events.map((event) => event.split("\n")[0])).toEqual(datas.map(({ type }) => `event: ${type}`));
    expect(datas.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(datas.map(({ delta }) => delta?.text ?? "").join("")).toBe("Hello, you over there!");
  });

  test.each<[what: string, body: unknown, headers: Record<string, string>, status: number, type: string]>([
    ["a request without a key", BODY, { ...HEADERS, authorization: "" }, 401, "authentication_error"],
    ["a request with another key", BODY, { ...HEADERS, authorization: "Bearer k-2" }, 401, "authentication_error"],
    ["a request without a version", BODY, { authorization: "Bearer k-1" }, 400, "invalid_request_error"],
    ["no JSON", "{half", HEADERS, 400, "invalid_request_error"],
    ["a list", [], HEADERS, 400, "invalid_request_error"],
    ["no model", { ...BODY, model: undefined }, HEADERS, 400, "invalid_request_error"],
    ["no max_tokens", { ...BODY, max_tokens: undefined }, HEADERS, 400, "invalid_request_error"],
    ["max_tokens of 0", { ...BODY, max_tokens: 0 }, HEADERS, 400, "invalid_request_error"],
    ["no messages", { ...BODY, messages: [] }, HEADERS, 400, "invalid_request_error"],
    ["an empty message", { ...BODY, messages: [{ role: "user", content: "" }] }, HEADERS, 400, "invalid_request_error"],
    ["a message of nobody", { ...BODY, messages: [{ role: "system", content: "x" }] }, HEADERS, 400, "invalid_request_error"],
    ["temperature for a model that takes none", { ...BODY, temperature: 1 }, HEADERS, 400, "invalid_request_error"],
    ["a schema with open objects", withSchema({ type: "object" }), HEADERS, 400, "invalid_request_error"],
    ["a schema with limits", withSchema({ type: "integer", minimum: 1 }), HEADERS, 400, "invalid_request_error"],
    ["a schema of another form", { ...BODY, output_config: { format: { type: "xml" } } }, HEADERS, 400, "invalid_request_error"],
    ["more than 32 MB", { ...BODY, system: "x".repeat(33 * 1024 * 1024) }, HEADERS, 413, "request_too_large"],
  ])("refuses %s as the vendor does", async (_what, body, headers, status, type) => {
    await using vendor = await startAnthropicLoopback({ reply: () => "never", apiKey: "k-1" });

    const response = await ask(vendor.url, body, headers);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: "error", error: { type, message: expect.any(String) } });
    expect(vendor.requests).toEqual([]);
    expect(vendor.count).toBe(1);
  });

  test("lets temperature pass for a model that takes it, and closed schemas for all", async () => {
    await using vendor = await startAnthropicLoopback({ reply: () => "fine" });
    const closed = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };

    const warm = await ask(vendor.url, { ...BODY, model: "claude-opus-4-6", temperature: 0.3 });
    const shaped = await ask(vendor.url, withSchema(closed));

    expect([warm.status, shaped.status]).toEqual([200, 200]);
    expect(vendor.requests).toMatchObject([{ temperature: 0.3 }, { schema: closed }]);
  });

  test("knows one route", async () => {
    await using vendor = await startAnthropicLoopback({ reply: () => "fine" });

    expect((await fetch(`${vendor.url}/v1/models`)).status).toBe(404);
  });

  test("answers in the vendor's shape what it is told to refuse, or what the reply throws", async () => {
    const replies: (() => AnthropicReply)[] = [
      () => anthropicError("overloaded_error", "later", { "retry-after": "3" }),
      () => {
        throw new Error("a bug");
      },
    ];
    await using vendor = await startAnthropicLoopback({ reply: () => replies.shift()?.() ?? "never" });

    const refused = await ask(vendor.url);
    const broken = await ask(vendor.url);

    expect([refused.status, refused.headers.get("retry-after")]).toEqual([529, "3"]);
    expect(broken.status).toBe(500);
    expect(await broken.json()).toMatchObject({ error: { type: "api_error", message: expect.stringContaining("a bug") } });
  });

  test.each<[what: string, reply: AnthropicReply]>([
    ["closes the socket", { closeSocket: true }],
    ["cuts it in the answer", { cut: "socket", text: "half" }],
  ])("%s on order", async (_what, reply) => {
    await using vendor = await startAnthropicLoopback({ reply: () => reply });

    await expect(ask(vendor.url).then((response) => response.text())).rejects.toThrow(/fetch failed|terminated/);
  });

  test.each<[what: string, reply: AnthropicReply]>([
    ["says nothing", { hang: "before_headers" }],
    ["falls silent", { hang: "in_body" }],
    ["drips", { dripEveryMs: 5 }],
  ])("%s on order, until its client gives up", async (_what, reply) => {
    await using vendor = await startAnthropicLoopback({ reply: () => reply });
    const client = new AbortController();
    const answer = fetch(`${vendor.url}/v1/messages`, {
      method: "POST",
      headers: HEADERS,
      body: JSON.stringify(BODY),
      signal: client.signal,
    });
    const ended = answer
      .then((response) => response.text())
      .then(
        () => "ended",
        () => "aborted",
      );
    await expect.poll(() => vendor.count).toBe(1);

    client.abort();

    expect(await ended).toBe("aborted");
    await expect.poll(() => vendor.openSockets()).toBe(0);
  });

  test("waits before it answers when it is told to", async () => {
    await using vendor = await startAnthropicLoopback({ reply: () => "fine", delayMs: 50 });
    const started = performance.now();

    await ask(vendor.url);

    expect(performance.now() - started).toBeGreaterThan(45);
  });

  test("keeps only the newest requests, and counts them all", async () => {
    await using vendor = await startAnthropicLoopback({ reply: () => "fine", keep: 2 });

    for (const user of ["a", "b", "c", "d", "e", "f"]) await ask(vendor.url, { ...BODY, messages: [{ role: "user", content: user }] });

    expect(vendor.requests.map(({ user }) => user)).toEqual(["e", "f"]);
    expect(vendor.count).toBe(6);
  });

  test("ends with its open sockets, and may be ended twice", async () => {
    const vendor = await startAnthropicLoopback({ reply: () => ({ hang: "before_headers" }) });
    const answer = ask(vendor.url).catch(() => "gone");
    await expect.poll(() => vendor.count).toBe(1);

    await vendor[Symbol.asyncDispose]();
    await vendor[Symbol.asyncDispose]();

    expect(await answer).toBe("gone");
  });

  test("a port that is taken is an error", async () => {
    await using vendor = await startAnthropicLoopback({ reply: () => "fine" });

    await expect(startAnthropicLoopback({ reply: () => "fine", port: Number(new URL(vendor.url).port) })).rejects.toThrow(/EADDRINUSE/);
  });
});

function withSchema(schema: object): object {
  return { ...BODY, output_config: { format: { type: "json_schema", schema } } };
}
