/** Every bad input that reaches the gateway, as a table: what comes, and the answer it gets. One row a line, so that the table reads as a table. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "./gateway.fixture.ts";
import { sendRaw } from "./raw-request.fixture.ts";

let gateway: GatewayUnderTest;
let port: number;
/** One run, finished, so that there is something to cancel and to page over. */
let finished: string;

beforeAll(async () => {
  gateway = await openGateway({ limits: { requestTimeoutMs: 500, headersTimeoutMs: 400, checkEveryMs: 50 } });
  ({ port } = await gateway.listen());
  finished = await gateway.start();
  await gateway.finish(finished);
  await gateway.activate({ trigger: "query" }, { "idempotency-key": "used" });
});

afterAll(async () => await gateway[Symbol.asyncDispose]());

const ACTIVATE = "/v1/operators/company_intel/activate";
const GOOD = '{"trigger":"query"}';

type Expected = Readonly<Record<string, unknown>>;

async function expectProblem(
  status: number,
  code: string,
  more: Expected,
  answer: { readonly status: number; readonly type: string; readonly body: string },
): Promise<void> {
  expect(answer.status).toBe(status);
  expect(answer.type).toBe("application/problem+json");
  const problem = JSON.parse(answer.body) as Record<string, unknown>;
  expect(problem).toMatchObject({
    status,
    code,
    title: expect.any(String),
    detail: expect.any(String),
    request_id: expect.any(String),
    ...more,
  });
  expect(answer.body).not.toMatch(/\.ts:|\.js:|node_modules|at Object/);
  expect(await gateway.allRuns(), "no run was made").toHaveLength(2);
}

/** Sends bytes over a socket of its own, as they are. */
async function raw(text: string | Buffer): Promise<{ status: number; type: string; body: string; head: string }> {
  const answer = await sendRaw(port, text);
  const split = answer.indexOf("\r\n\r\n");
  const head = answer.slice(0, split);
  return {
    status: Number(answer.slice(9, 12)),
    type: /content-type: ([^\r]+)/i.exec(head)?.[1] ?? "",
    body: answer.slice(split + 4),
    head,
  };
}

function post(headers: string, body: string, path = ACTIVATE): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const at = (pointer: string) => ({ errors: [expect.objectContaining({ pointer })] });
const deep = (open: string, close: string, depth: number) =>
  `{"trigger":"query","input":{"note":${open.repeat(depth)}1${close.repeat(depth)}}}`;

describe("a body", () => {
  test.each<[row: string, body: string | Buffer, status: number, code: string, more?: Expected]>([
    ["1: empty", "", 400, "OV_BODY_REQUIRED"],
    ["2: null", "null", 400, "OV_REQUEST_INVALID", { detail: expect.stringMatching(/expected an object.*got null/) }],
    ["2: a list", "[]", 400, "OV_REQUEST_INVALID", { detail: expect.stringContaining("got an array") }],
    ["2: a text", '"x"', 400, "OV_REQUEST_INVALID", { detail: expect.stringContaining("got a string") }],
    ["2: a number", "1", 400, "OV_REQUEST_INVALID", { detail: expect.stringContaining("got a number") }],
    ["3: cut", '{"trigger":"a', 400, "OV_JSON_INVALID", { detail: expect.stringMatching(/position \d+/) }],
    ["4: a key twice", '{"trigger":"query","trigger":"nightly"}', 400, "OV_DUPLICATE_KEY", at("/trigger")],
    ["4: a key twice, spelled differently", '{"trigger":"query","tr\\u0069gger":"nightly"}', 400, "OV_DUPLICATE_KEY", at("/trigger")],
    ["5: NaN", '{"trigger":"query","input":{"employees":NaN}}', 400, "OV_JSON_INVALID"],
    ["5: Infinity", '{"trigger":"query","input":{"employees":Infinity}}', 400, "OV_JSON_INVALID"],
    ["5: a number beyond all", '{"trigger":"query","input":{"employees":1e400}}', 400, "OV_JSON_INVALID"],
    ["5: a comment", '{"trigger":"query"/* a */}', 400, "OV_JSON_INVALID"],
    ["5: single quotes", "{'trigger':'query'}", 400, "OV_JSON_INVALID"],
    ["6: 65 objects deep", deep('{"a":', "}", 65), 400, "OV_TOO_DEEP", { detail: expect.stringContaining("64") }],
    ["6: 65 lists deep", deep("[", "]", 65), 400, "OV_TOO_DEEP"],
    ["6: 100,000 lists", "[".repeat(100_000), 400, "OV_TOO_DEEP"],
    ["7: 1 MiB and a byte", `{"trigger":"${"x".repeat(1_048_577 - 14)}"}`, 413, "OV_BODY_TOO_LARGE", { max_bytes: 1_048_576 }],
    ["8: no UTF-8", Buffer.concat([Buffer.from('{"trigger":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), 400, "OV_UTF8_INVALID"],
    [
      "9: a number for the trigger",
      '{"trigger":12}',
      400,
      "OV_REQUEST_INVALID",
      { ...at("/trigger"), detail: expect.stringMatching(/expected a string, got a number/) },
    ],
    ["10: null for the trigger", '{"trigger":null}', 400, "OV_REQUEST_INVALID", at("/trigger")],
    ["10: no trigger", "{}", 400, "OV_REQUEST_INVALID", at("/trigger")],
    ["10: a list for the input", '{"trigger":"query","input":[]}', 400, "OV_REQUEST_INVALID", at("/input")],
    ["10: a text for the tags", '{"trigger":"query","tags":"a"}', 400, "OV_REQUEST_INVALID", at("/tags")],
    ["10: a number for a tag", '{"trigger":"query","tags":{"a":1}}', 400, "OV_REQUEST_INVALID", at("/tags/a")],
    ["10: a tag's name with a colon", '{"trigger":"query","tags":{"a:b":"c"}}', 400, "OV_REQUEST_INVALID", at("/tags/a:b")],
    ["10: a NUL in a tag", '{"trigger":"query","tags":{"a":"\\u0000"}}', 400, "OV_REQUEST_INVALID", at("/tags/a")],
    ["10: a long tag", `{"trigger":"query","tags":{"a":"${"x".repeat(257)}"}}`, 400, "OV_REQUEST_INVALID", at("/tags/a")],
    ["10: a number for the deadline", '{"trigger":"query","deadline":1764000000}', 400, "OV_REQUEST_INVALID", at("/deadline")],
    [
      "10: a deadline without its offset",
      '{"trigger":"query","deadline":"2100-01-01T00:00:00"}',
      400,
      "OV_REQUEST_INVALID",
      at("/deadline"),
    ],
    ["10: no such day", '{"trigger":"query","deadline":"2100-02-30T00:00:00Z"}', 400, "OV_REQUEST_INVALID", at("/deadline")],
    ["10: a deadline that is over", '{"trigger":"query","deadline":"2020-01-01T00:00:00Z"}', 422, "OV_DEADLINE_PAST", at("/deadline")],
    ["10: a priority that there is not", '{"trigger":"query","priority":"high"}', 422, "OV_PRIORITY_UNKNOWN", at("/priority")],
    ["10: a number for the priority", '{"trigger":"query","priority":5}', 400, "OV_REQUEST_INVALID", at("/priority")],
    [
      "11: an unknown field",
      '{"trigger":"query","inptu":{}}',
      400,
      "OV_UNKNOWN_FIELD",
      { ...at("/inptu"), detail: expect.stringContaining('did you mean "input"') },
    ],
    [
      "12: an unknown trigger",
      '{"trigger":"qeury"}',
      404,
      "OV_TRIGGER_NOT_FOUND",
      { triggers: ["query", "research", "nightly", "refresh"], did_you_mean: ["query"] },
    ],
    [
      "14: a wrong type in the input",
      '{"trigger":"query","input":{"company_name":12}}',
      422,
      "OV_INPUT_INVALID",
      at("/input/company_name"),
    ],
    ["18: __proto__", '{"trigger":"query","input":{"__proto__":{"approved":true}}}', 400, "OV_RESERVED_KEY", at("/input/__proto__")],
    ["18: __proto__ in disguise", '{"trigger":"query","input":{"\\u005f_proto__":{}}}', 400, "OV_RESERVED_KEY", at("/input/__proto__")],
    [
      "18: constructor.prototype",
      '{"trigger":"query","input":{"constructor":{"prototype":{}}}}',
      400,
      "OV_RESERVED_KEY",
      at("/input/constructor"),
    ],
    ["18: __proto__ beside the trigger", '{"trigger":"query","__proto__":{"input":1}}', 400, "OV_RESERVED_KEY", at("/__proto__")],
    [
      "19: LangChain's mark",
      '{"trigger":"query","input":{"note":{"lc":1,"type":"constructor","id":["nope"]}}}',
      400,
      "OV_RESERVED_KEY",
      at("/input/note/lc"),
    ],
  ])("%s", async (_row, body, status, code, more = {}) => {
    const begun = performance.now();
    const response = await gateway.activate(body);

    expect(performance.now() - begun).toBeLessThan(500);
    await expectProblem(status, code, more, {
      status: response.statusCode,
      type: String(response.headers["content-type"]),
      body: response.body,
    });
  });

  test("20: a lone surrogate, NUL and U+2028 come back as they came", async () => {
    await using own = await openGateway();
    const note = "\ud800 \u0000 \u2028";

    const response = await own.activate({ trigger: "query", input: { note } });

    expect((await own.ask("GET", String(response.headers.location))).json()).toMatchObject({ input: { note } });
  });
});

describe("a media type", () => {
  test.each(["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", undefined])(
    "15: %s",
    async (type) => {
      const answer = await raw(post(type === undefined ? "" : `Content-Type: ${type}\r\n`, GOOD));

      await expectProblem(415, "OV_MEDIA_TYPE_UNSUPPORTED", { accepted: ["application/json"] }, answer);
    },
  );

  // Whatever Fastify makes of these, the body is checked or refused: it asks for something that is wrong.
  test.each([
    "\tapplication/json",
    "  application/json",
    "application/json ;",
    "application/json\t; x",
    ";application/json",
    "application/json; charset=utf-16",
    "application /json",
    "application/json\u00a0",
    "APPLICATION/JSON",
    "application/json;;",
    "application/json, application/json",
    "json",
  ])("16: %j", async (type) => {
    const answer = await raw(Buffer.from(post(`Content-Type:${type}\r\n`, '{"trigger":12}'), "latin1"));

    const [status, code] = answer.status === 400 ? [400, "OV_REQUEST_INVALID"] : [415, "OV_MEDIA_TYPE_UNSUPPORTED"];
    await expectProblem(status as number, code as string, {}, answer);
  });

  test.each(["gzip", "GZIP", "br", "identity, gzip"])("17: Content-Encoding %s", async (encoding) => {
    const answer = await raw(post(`Content-Type: application/json\r\nContent-Encoding: ${encoding}\r\n`, GOOD));

    await expectProblem(415, "OV_MEDIA_TYPE_UNSUPPORTED", { accepted_encodings: ["identity"] }, answer);
  });
});

describe("an address", () => {
  test.each<[row: string, request: string, status: number, code: string, more?: Expected]>([
    [
      "13: an unknown operator",
      "POST /v1/operators/company_intel_/activate",
      404,
      "OV_OPERATOR_NOT_FOUND",
      { did_you_mean: ["company_intel"] },
    ],
    [
      "21: ../../etc",
      "POST /v1/operators/..%2f..%2fetc/activate",
      400,
      "OV_ID_INVALID",
      { detail: expect.stringContaining("^[a-z0-9][a-z0-9_-]{0,63}$") },
    ],
    ["21: NUL", "POST /v1/operators/%00/activate", 400, "OV_ID_INVALID"],
    ["21: CR LF", "POST /v1/operators/a%0d%0ab/activate", 400, "OV_ID_INVALID"],
    ["21: *", "POST /v1/operators/*/activate", 400, "OV_ID_INVALID"],
    ["21: >", "POST /v1/operators/%3E/activate", 400, "OV_ID_INVALID"],
    ["21: a.b", "POST /v1/operators/a.b/activate", 400, "OV_ID_INVALID"],
    ["21: 101 characters", `POST /v1/operators/${"a".repeat(101)}/activate`, 400, "OV_ID_INVALID"],
    ["21: 5,000 characters", `POST /v1/operators/${"a".repeat(5_000)}/activate`, 400, "OV_ID_INVALID"],
    ["21: a run's id", "GET /v1/operators/company_intel/runs/a.b", 400, "OV_ID_INVALID"],
    ["21: a run's id to cancel", "DELETE /v1/operators/company_intel/runs/*", 400, "OV_ID_INVALID"],
    ["21: a run's id, events", "GET /v1/operators/company_intel/runs/%3E/events", 400, "OV_ID_INVALID"],
    ["22: a bad percent", "POST /v1/operators/%E0%A4%A/activate", 400, "OV_REQUEST_INVALID"],
    ["29: limit -1", "GET /v1/runs?limit=-1", 400, "OV_PARAMETER_INVALID", { parameter: "limit" }],
    ["29: limit 0", "GET /v1/runs?limit=0", 400, "OV_PARAMETER_INVALID", { parameter: "limit" }],
    ["29: limit 1e9", "GET /v1/operators/company_intel/runs?limit=1e9", 400, "OV_PARAMETER_INVALID", { parameter: "limit" }],
    ["29: limit abc", "GET /v1/runs?limit=abc", 400, "OV_PARAMETER_INVALID", { parameter: "limit" }],
    ["29: a status that there is not", "GET /v1/runs?status=runing", 400, "OV_PARAMETER_INVALID", { parameter: "status" }],
    ["29: a parameter that there is not", "GET /v1/runs?lmit=1", 400, "OV_PARAMETER_INVALID", { parameter: "lmit" }],
    ["29: a parameter twice", "GET /v1/runs?limit=1&limit=2", 400, "OV_PARAMETER_INVALID", { parameter: "limit" }],
    ["29: a cursor of nobody", "GET /v1/runs?cursor=abc", 400, "OV_PARAMETER_INVALID", { parameter: "cursor" }],
    ["29: a tag without its text", "GET /v1/runs?tag=team", 400, "OV_PARAMETER_INVALID", { parameter: "tag" }],
    ["29: a NUL in a tag", "GET /v1/runs?tag=team:%00", 400, "OV_PARAMETER_INVALID", { parameter: "tag" }],
    ["29: too many tags", `GET /v1/runs?${"tag=a:b&".repeat(9)}`, 400, "OV_PARAMETER_INVALID", { parameter: "tag" }],
    ["29: a time without its offset", "GET /v1/runs?created_after=2026-01-01", 400, "OV_PARAMETER_INVALID", { parameter: "created_after" }],
    [
      "29: a time whose + was eaten",
      "GET /v1/runs?created_before=2026-01-01T00:00:00+01:00",
      400,
      "OV_PARAMETER_INVALID",
      { parameter: "created_before", detail: expect.stringContaining("%2B") },
    ],
    ["29: one wrong status of two", "GET /v1/runs?status=failed&status=x", 400, "OV_PARAMETER_INVALID", { parameter: "status" }],
    ["29: dead letters by status", "GET /v1/dead-letters?status=failed", 400, "OV_PARAMETER_INVALID", { parameter: "status" }],
    ["29: a prefix with a wildcard", "GET /v1/context/context-leads?prefix=*", 400, "OV_PARAMETER_INVALID", { parameter: "prefix" }],
    ["29: no bucket of context", "GET /v1/context/registry", 400, "OV_ID_INVALID"],
    ["21: a run's id alone", "GET /v1/runs/a.b", 400, "OV_ID_INVALID"],
    [
      "21: an unknown run to redrive",
      "POST /v1/runs/run_none/redrive",
      400,
      "OV_REQUEST_INVALID",
      { detail: expect.stringContaining("no body") },
    ],
    ["32: TRACE", `TRACE ${ACTIVATE}`, 405, "OV_METHOD_NOT_ALLOWED", { allow: ["POST"] }],
    ["32: GET on a POST route", `GET ${ACTIVATE}`, 405, "OV_METHOD_NOT_ALLOWED", { allow: ["POST"] }],
    ["32: POST on a GET route", "POST /v1/runs", 405, "OV_METHOD_NOT_ALLOWED", { allow: ["GET", "HEAD"] }],
    ["32: an unknown method", `FOO ${ACTIVATE}`, 405, "OV_METHOD_NOT_ALLOWED"],
    ["32: nothing there", "POST /v1/runs", 405, "OV_METHOD_NOT_ALLOWED", { allow: ["GET", "HEAD"] }],
    ["32: nothing at all there", "POST /v2/activate", 404, "OV_ROUTE_NOT_FOUND"],
  ])("%s", async (_row, request, status, code, more = {}) => {
    const body = request.startsWith("POST") ? `Content-Type: application/json\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}` : "\r\n";
    const answer = await raw(`${request} HTTP/1.1\r\nHost: x\r\n${body}`);

    if (status === 405) expect(answer.head.toLowerCase()).toContain("\r\nallow: ");
    await expectProblem(status, code, more, answer);
  });

  test("26: cancelling a run that has ended tells it", async () => {
    const answer = await raw(`DELETE /v1/operators/company_intel/runs/${finished} HTTP/1.1\r\nHost: x\r\n\r\n`);

    await expectProblem(409, "OV_RUN_FINAL", { run: expect.objectContaining({ run_id: finished, status: "completed" }) }, answer);
  });

  test("29: a cursor of another list", async () => {
    const { next_cursor: cursor } = (await gateway.ask("GET", "/v1/runs?limit=1")).json<{ next_cursor: string }>();

    const answer = await raw(`GET /v1/operators/company_intel/runs?cursor=${cursor} HTTP/1.1\r\nHost: x\r\n\r\n`);

    await expectProblem(400, "OV_PARAMETER_INVALID", { parameter: "cursor" }, answer);
  });
});

describe("an Idempotency-Key", () => {
  test.each<[row: string, key: string, status: number, code: string]>([
    ["27: 300 characters", "k".repeat(300), 400, "OV_IDEMPOTENCY_KEY_INVALID"],
    ["27: a tab", "a\tb", 400, "OV_IDEMPOTENCY_KEY_INVALID"],
    ["27: no ASCII", "schl\u00fcssel", 400, "OV_IDEMPOTENCY_KEY_INVALID"],
    ["27: a control character", "a\u0001b", 400, "OV_REQUEST_INVALID"],
    ["27: empty", "", 400, "OV_IDEMPOTENCY_KEY_INVALID"],
    ["27: empty in quotes", '""', 400, "OV_IDEMPOTENCY_KEY_INVALID"],
    ["28: used with another body", "used", 422, "OV_IDEMPOTENCY_MISMATCH"],
  ])("%s", async (_row, key, status, code) => {
    const answer = await raw(
      Buffer.from(post(`Content-Type: application/json\r\nIdempotency-Key: ${key}\r\n`, '{"trigger":"nightly"}'), "latin1"),
    );

    await expectProblem(status, code, {}, answer);
  });
});

describe("what is no HTTP request", () => {
  const head = `POST ${ACTIVATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;

  test.each<[row: string, text: string]>([
    ["33: two Content-Length", `${head}Content-Length: ${GOOD.length}\r\nContent-Length: 5\r\n\r\n${GOOD}`],
    [
      "33: Content-Length and Transfer-Encoding",
      `${head}Content-Length: ${GOOD.length}\r\nTransfer-Encoding: chunked\r\n\r\n${GOOD.length.toString(16)}\r\n${GOOD}\r\n0\r\n\r\n`,
    ],
    ["33: LF only", `${head}Content-Length: ${GOOD.length}\r\n\r\n${GOOD}`.replaceAll("\r\n", "\n")],
    ["33: a folded header", `${head}X-A: b\r\n c\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`],
    ["33: no Host", post("Content-Type: application/json\r\n", GOOD).replace("Host: x\r\n", "")],
    ["33: a space before the colon", `${head}Content-Length : ${GOOD.length}\r\n\r\n${GOOD}`],
  ])("%s: refused, and the connection is closed", async (_row, text) => {
    const answer = await raw(text);

    expect(answer.head.toLowerCase()).toContain("connection: close");
    await expectProblem(400, "OV_REQUEST_INVALID", {}, answer);
  });

  test("34: a body at a byte at a time ends in time, and others are served meanwhile", async () => {
    const slow = raw(`${head}Content-Length: 1000\r\n\r\n{`);
    const other = await gateway.ask("GET", "/livez");

    expect(other.statusCode).toBe(200);
    await expectProblem(408, "OV_REQUEST_TIMEOUT", {}, await slow);
  });

  test("a body that is cut off by its sender makes no run", async () => {
    const socket = connect(port, "127.0.0.1", () => socket.end(`${head}Content-Length: ${GOOD.length + 5}\r\n\r\n${GOOD}`));
    socket.resume();
    await sleep(100); // proves that nothing happens

    expect(await gateway.allRuns()).toHaveLength(2);
  });
});
