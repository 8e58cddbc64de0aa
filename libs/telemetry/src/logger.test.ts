import { OpenVibeError } from "@openvibe/core";
import { expect, test } from "vitest";
import { createLogger, type LoggerOptions } from "./logger.ts";
import { VERSION } from "./version.ts";

function aLogger(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", name: "test", destination: { write: (line) => void lines.push(line) }, ...options });
  return { logger, lines, last: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown> };
}

test("a line is one JSON object with time, level as a word, service, version and the fields given", () => {
  const { logger, last } = aLogger();

  logger.child({ operator_id: "hello" }).info({ run_id: "run_1" }, "run accepted");

  expect(last()).toMatchObject({
    level: "info",
    service: "test",
    version: VERSION,
    operator_id: "hello",
    run_id: "run_1",
    msg: "run accepted",
  });
  expect(last().time).toMatch(/^\d{4}-\d\d-\d\dT/);
});

test("a level below the chosen one says nothing", () => {
  const { logger, lines } = aLogger({ level: "warn" });

  logger.info({}, "not told");
  logger.warn({}, "told");

  expect(lines).toHaveLength(1);
});

test.each([
  ["at the top", (secret: string) => ({ authorization: secret, "x-api-key": secret, DATABASE_URL: secret })],
  ["one level down", (secret: string) => ({ headers: { authorization: secret, "set-cookie": secret, "x-api-key": secret } })],
  ["two levels down", (secret: string) => ({ req: { headers: { cookie: secret, "x-api-key": secret, api_key: secret } } })],
])("keys that name a secret are hidden %s", (_where, fields) => {
  const { logger, lines } = aLogger();

  logger.info(fields("canary-value"), "request");

  expect(lines.join("")).not.toContain("canary-value");
  expect(lines.join("")).toContain("[hidden]");
});

test("a known secret is hidden wherever it stands and however it is spelled", () => {
  const key = 'ov_"quoted"/key+1';
  const url = "postgres://user:pass%2Fword@db:5432/openvibe";
  const { logger, lines } = aLogger({ secrets: [key, url] });

  logger.error({ err: new Error(`the vendor said: wrong key ${key}`) }, "call failed");
  logger.info({ note: `?key=${encodeURIComponent(key)}`, basic: Buffer.from(key).toString("base64") }, "told");
  logger.info({ url, password: "x", said: "password pass/word is wrong" }, key);

  const all = lines.join("");
  for (const secret of [
    JSON.stringify(key).slice(1, -1),
    encodeURIComponent(key),
    Buffer.from(key).toString("base64"),
    "pass%2Fword",
    "pass/word",
  ])
    expect(all).not.toContain(secret);
});

test("an error is told with code, causes and stack, but not with the data it carries", () => {
  const { logger, last, lines } = aLogger();
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

  logger.error(
    { err: new OpenVibeError("OV_STORE_UNAVAILABLE", "store is away", { cause, extra: { run: { input: "a person's data" } } }) },
    "failed",
  );

  expect(last().err).toMatchObject({ code: "OV_STORE_UNAVAILABLE", message: "store is away", cause: { code: "ECONNREFUSED" } });
  expect(lines.join("")).not.toContain("a person's data");
});

test("a key that is not in the list stands under data, and cannot take the place of the line's own", () => {
  const { logger, last } = aLogger();

  logger
    .child({ run_id: "run_1" })
    .info({ run_id: "run_2", level: "fatal", time: 0, service: "x", contact_id: "c1", data: { n: 1 } }, "told");

  expect(last()).toMatchObject({ level: "info", service: "test", run_id: "run_2" });
  expect(last().data).toEqual({ level: "fatal", time: 0, service: "x", contact_id: "c1", n: 1 });
});

test("an error has one shape, whatever was thrown and whatever its key", () => {
  const { logger, last } = aLogger();

  logger.warn({ error: "connection refused" }, "failed");
  expect(last().err).toEqual({ message: "connection refused" });
  logger.warn({ err: { a: 1 } }, "failed");
  expect(last().err).toEqual({ message: '{"a":1}' });
  logger.warn({ err: new OpenVibeError("OV_BUS_FULL", "no room") }, "failed");
  expect(last()).toMatchObject({ code: "OV_BUS_FULL", err: { code: "OV_BUS_FULL", message: "no room" } });
});

test("for a terminal a line is for people: time, level, message, fields, and the error's stack below", () => {
  const { logger, lines } = aLogger({ pretty: true });

  logger.warn({ run_id: "run_1", err: new OpenVibeError("OV_BUS_FULL", "no room", { cause: new Error("disk") }) }, "a node failed");

  expect(lines.join("")).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}a node failed {2}run_id=run_1 {2}code=OV_BUS_FULL\n {4}.*no room\n/);
  expect(lines.join("")).toMatch(/\n {4}Error: disk\n {8}at /);
});
