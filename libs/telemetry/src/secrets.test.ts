/** Ten shapes in which a secret may come to a log line, none of them told to the logger: its text must be nowhere in the output. */
import { Buffer } from "node:buffer";
import { OpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { createLogger } from "./index.ts";

function written(log: (logger: ReturnType<typeof createLogger>) => void, pretty = false): string {
  const lines: string[] = [];
  log(createLogger({ level: "debug", name: "test", pretty, destination: { write: (line) => void lines.push(line) } }));
  return lines.join("");
}

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
const SHAPES: readonly { readonly shape: string; readonly secret: string; readonly fields: object }[] = [
  {
    shape: "an API key in a header",
    secret: "k3y-in-h3ader",
    fields: { req: { headers: { "x-api-key": "k3y-in-h3ader", accept: "*/*" } } },
  },
  {
    shape: "a header with a name in capitals, two to a name",
    secret: "dXNlcjpwYXNz",
    fields: { headers: { "Proxy-Authorization": ["Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"], Cookie: "s=dXNlcjpwYXNz; t=1" } },
  },
  { shape: "a key in an address' user-info", secret: "s3cr3t", fields: { url: "https://user:s3cr3t@example.org/path?x=1" } },
  { shape: "a key alone before the host", secret: "s3cr3ttoken", fields: { what: "GET http://s3cr3ttoken@example.org/ failed" } },
  { shape: "a key in a query", secret: "q-s3cr3t", fields: { url: "https://example.org/v1?types=a&api_key=q-s3cr3t&n=1" } },
  { shape: "a signature in a query", secret: "5iGnature", fields: { url: "https://example.org/v1?X-Amz-Signature=5iGnature" } },
  {
    shape: "a vendor's message that repeats the key",
    secret: "k3y-of-mine",
    fields: { err: new Error('401 {"error":{"message":"invalid x-api-key: k3y-of-mine"},"api_key":"k3y-of-mine"}') },
  },
  {
    shape: "a vendor's message with JSON in JSON",
    secret: "two words of it",
    fields: { err: new Error(JSON.stringify({ body: JSON.stringify({ password: "two words of it", n: 1 }) })) },
  },
  { shape: "a password of several words", secret: "little words", fields: { what: 'got {"password": "three little words"}' } },
  { shape: "a cookie among others", secret: "5ession", fields: { what: "sent Cookie: theme=dark; sid=5ession\nand went on" } },
  {
    shape: "Anthropic's key",
    secret: "sk-ant-api03-AbC_dEf-0123456789",
    fields: { reason: "key sk-ant-api03-AbC_dEf-0123456789 is revoked" },
  },
  {
    shape: "Anthropic's key on a line of its own",
    secret: "sk-ant-api03-AbCdEf0123",
    fields: { err: new Error("keys:\nsk-ant-api03-AbCdEf0123\n") },
  },
  { shape: "our own key", secret: "ov_4f9d2a7c8e1b3f60", fields: { err: new Error("no such key ov_4f9d2a7c8e1b3f60") } },
  { shape: "a webhook's secret", secret: "whsec_b3BlbnZp/mUgZG9j+HM=", fields: { what: "signed with whsec_b3BlbnZp/mUgZG9j+HM=" } },
  { shape: "a bearer token", secret: "abc.def-123~x", fields: { what: "sent bearer abc.def-123~x to the vendor" } },
  {
    shape: "Postgres' address with a password",
    secret: "ss/w0rd",
    fields: { err: new Error("connect to postgres://app:p@ss/w0rd@db.internal:5432/openvibe failed") },
  },
  { shape: "NATS' address with a token", secret: "n4ts-t0ken", fields: { server: "nats://n4ts-t0ken@n1:4222,nats://n4ts-t0ken@n2:4222" } },
  { shape: "a JSON Web Token", secret: JWT, fields: { what: `refused ${JWT}` } },
  {
    shape: "something nested deeply",
    secret: "d33p-s3cret",
    fields: { a: [{ b: { c: [{ d: { e: { clientSecret: "d33p-s3cret", access_token: ["d33p-s3cret"] } } }] } }] },
  },
  {
    shape: "the cause of an error's cause",
    secret: "c4use-s3cret",
    fields: {
      err: new OpenVibeError("OV_LLM_AUTH", "refused", {
        cause: new Error("call failed", { cause: new Error("password=c4use-s3cret was wrong") }),
      }),
    },
  },
  { shape: "a variable of the environment", secret: "v4r-s3cret", fields: { what: "ANTHROPIC_API_KEY=v4r-s3cret is set" } },
  { shape: "an error that stands in the data", secret: "sk-ant-in-data-0123", fields: { tries: [new Error("sk-ant-in-data-0123")] } },
];

describe("a secret that nobody told the logger of", () => {
  test.each(SHAPES)("is hidden as $shape", ({ secret, fields }) => {
    for (const pretty of [false, true]) {
      const text = written((logger) => {
        logger.error(fields, "something failed");
        logger.child(fields).warn({}, "and its child said so");
        logger.info({}, `in the message: ${JSON.stringify(fields)}`);
      }, pretty);

      expect(text).not.toContain(secret);
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(text).toContain("[hidden]");
      if (!pretty) for (const line of text.trim().split("\n")) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  test("and what is none stays readable", () => {
    const fields = {
      run_id: "run_2026-11-22_0mws6o1fx3fkdphvhy6",
      url: "https://example.org/v1/runs?limit=2&status=completed",
      tokens_in: 12,
      max_tokens: 100,
      idempotency_key: "lead-17",
      stream: "OV_EVENTS",
      reason: "a task-manager-of-ours asked nobody@example.org for 2 tokens at http://127.0.0.1:8000/@me",
      server: "nats://127.0.0.1:4222",
    };

    const text = written((logger) => logger.info(fields, "told"));

    expect(text).not.toContain("[hidden]");
    for (const value of Object.values(fields)) expect(text).toContain(String(value));
  });

  test("a line stays one object of JSON whatever it holds", () => {
    const pieces = [
      '"',
      "\\",
      "\n",
      "token=",
      "://",
      "@",
      "?key=",
      "Bearer ",
      '{"password":"',
      "sk-ant-",
      "é",
      "\u0000",
      "secret: '",
      "abcdefgh",
      " ",
    ];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let n = 0; n < 2_000; n++) {
      const text = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]).join("");
      const line = written((logger) => logger.info({ what: text, err: new Error(text) }, text));
      expect(() => JSON.parse(line) as unknown, text).not.toThrow();
    }
  });

  test("a long text costs little", () => {
    const hostile = ["a".repeat(300_000), "\\\\".repeat(150_000), "nats://".repeat(500), '"token'.repeat(30_000), "?key".repeat(50_000)];

    const text = written((logger) => logger.info({ data: { hostile } }, "told"));

    expect(text.length).toBeGreaterThan(1_000_000);
  }, 5_000);

  test("what refers to itself, or lies too deep, ends", () => {
    const circle: Record<string, unknown> = { bytes: Buffer.from("x") };
    circle.self = circle;
    let deep: object = {};
    for (let n = 0; n < 100; n++) deep = { deep };

    const text = written((logger) => logger.info({ circle, deep }, "told"));

    expect(text).toContain("[circular]");
    expect(text).toContain("[deeper]");
  });
});
