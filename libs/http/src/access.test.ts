import { silentLogger } from "@openvibe/core";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, test } from "vitest";
import { maySee } from "./access.ts";
import { type HashedKey, hashOfKey } from "./api-key.ts";
import { createAuth } from "./auth.ts";
import { createHttpServer } from "./http-server.ts";

const KEYS: readonly HashedKey[] = [
  { name: "reader", hash: hashOfKey("ov_read"), scopes: ["read"] },
  { name: "runner", hash: hashOfKey("ov_run"), scopes: ["run"] },
  { name: "both", hash: hashOfKey("ov_both"), scopes: ["read", "run"] },
  { name: "boss", hash: hashOfKey("ov_admin"), scopes: ["admin"] },
  { name: "hello", hash: hashOfKey("ov_hello"), scopes: ["admin"], operators: ["hello"] },
  { name: "hello", hash: hashOfKey("ov_hello_new"), scopes: ["read"], operators: ["hello"] },
  { name: "careless", hash: hashOfKey(""), scopes: ["admin"] },
];

function aServer() {
  const auth = createAuth({ keys: ["ov_plain", ...KEYS] });
  const app = createHttpServer({ logger: silentLogger, metrics: { httpRequestEnded() {} }, auth });
  const who = async (request: { principal: string }) => ({ who: request.principal });
  app.get("/all", { config: { leavesOutOthers: true } }, who);
  app.get("/shared", who);
  app.get("/operators/:operator_id", who);
  app.post("/operators/:operator_id", who);
  app.delete("/operators/:operator_id", { config: { scope: "admin" } }, who);
  app.get("/probe", { config: { open: true } }, who);
  return app;
}

type Method = "GET" | "HEAD" | "POST" | "DELETE";
const ask = async (app: ReturnType<typeof aServer>, key: string, method: Method, url: string): Promise<LightMyRequestResponse> =>
  await app.inject({ method, url, headers: { authorization: `Bearer ${key}` } });

describe("what a key is for", () => {
  test.each<[string, Record<Method, number>]>([
    ["ov_read", { GET: 200, HEAD: 200, POST: 403, DELETE: 403 }],
    ["ov_run", { GET: 403, HEAD: 403, POST: 200, DELETE: 403 }],
    ["ov_both", { GET: 200, HEAD: 200, POST: 200, DELETE: 403 }],
    ["ov_admin", { GET: 200, HEAD: 200, POST: 200, DELETE: 200 }],
    ["ov_plain", { GET: 200, HEAD: 200, POST: 200, DELETE: 200 }],
    ["ov_other", { GET: 401, HEAD: 401, POST: 401, DELETE: 401 }],
  ])("%s may %j", async (key, allowed) => {
    await using app = aServer();

    for (const [method, status] of Object.entries(allowed))
      expect([method, (await ask(app, key, method as Method, "/operators/hello")).statusCode]).toEqual([method, status]);
  });

  test("is told when it is not for that: the scope, for people, programs and clients of RFC 6750", async () => {
    await using app = aServer();

    const response = await ask(app, "ov_read", "POST", "/operators/hello");

    expect(response.json()).toMatchObject({
      code: "OV_FORBIDDEN",
      detail: "this API key lacks the scope run, which POST /operators/:operator_id needs",
      required_scope: "run",
    });
    expect(response.headers["www-authenticate"]).toBe('Bearer realm="openvibe", error="insufficient_scope", scope="run"');
    expect(response.body).not.toContain("ov_read");
  });

  test("is nothing that an address can ask around", async () => {
    await using app = aServer();

    for (const url of ["/operators/hell%6F", "/operators/hello?operator_id=other"])
      expect([url, (await ask(app, "ov_hello", "GET", url)).statusCode]).toEqual([url, 200]);
    for (const url of ["/operators/HELLO", "/operators/other?operator_id=hello", "/operators/hello%2F..", "/operators/..%2Fhello"])
      expect([url, (await ask(app, "ov_hello", "GET", url)).statusCode]).toEqual([url, 403]);
  });
});

describe("a key for some operators", () => {
  test("is refused by name at the others, and where an address belongs to all", async () => {
    await using app = aServer();

    expect((await ask(app, "ov_hello", "DELETE", "/operators/hello")).statusCode).toBe(200);
    expect((await ask(app, "ov_hello", "DELETE", "/operators/other")).json()).toMatchObject({
      code: "OV_FORBIDDEN",
      detail: "this API key is for the operators hello only, not for other",
    });
    expect((await ask(app, "ov_hello", "GET", "/shared")).json()).toMatchObject({
      code: "OV_FORBIDDEN",
      detail: "this API key is for the operators hello only, and GET /shared belongs to all of them together",
    });
    expect((await ask(app, "ov_hello", "GET", "/all")).statusCode).toBe(200);
    expect((await ask(app, "ov_hello", "GET", "/nothing")).statusCode).toBe(404);
  });

  test("sees what is theirs, and nothing that is nobody's", () => {
    const [mine, all] = [new Set(["hello"]), undefined].map((operators) => ({ name: "x", scopes: new Set<never>(), operators }));

    expect([mine, all].map((caller) => caller && [maySee(caller, "hello"), maySee(caller, "other"), maySee(caller, undefined)])).toEqual([
      [true, false, false],
      [true, true, true],
    ]);
  });
});

test("two entries of one name are one caller, each with its own rights", async () => {
  await using app = aServer();

  const answers = await Promise.all(["ov_hello", "ov_hello_new"].map((key) => ask(app, key, "GET", "/all")));

  expect(answers.map((response) => response.json())).toEqual([{ who: "key:hello" }, { who: "key:hello" }]);
  expect((await ask(app, "ov_hello_new", "POST", "/operators/hello")).statusCode).toBe(403);
});

test("the hash of nothing lets nobody in, and a hash is no key", async () => {
  await using app = aServer();

  for (const authorization of ["Bearer ", "Bearer", "", `Bearer ${hashOfKey("")}`, `Bearer ${hashOfKey("ov_admin")}`])
    expect([authorization, (await app.inject({ url: "/all", headers: { authorization } })).statusCode]).toEqual([authorization, 401]);
  expect((await app.inject({ url: "/all" })).statusCode).toBe(401);
  expect((await app.inject({ url: "/probe" })).json()).toEqual({ who: "" });
});
