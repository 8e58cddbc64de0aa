import { manifestVersion, newToken, type OperatorManifest } from "@openvibe/core";
import { createAuth, hashOfKey } from "@openvibe/http";
import { REGISTRY_BUCKET } from "@openvibe/runtime";
import { describe, expect, test, vi } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { OperatorBody } from "../schemas/operators.ts";

const YAML = `# A note that counts for nothing
operators:
  - id: desk
    name: Desk
    workflows:
      - id: greet
        nodes:
          - id: greeting
            type: llm
            model: haiku
            prompt: Say hello to {{name}}!
`;
const NODE = { id: "greeting", type: "llm", model: "haiku", prompt: "Say hello to {{name}}!" };
const JSON_OPERATOR = { name: "Desk", id: "desk", workflows: [{ id: "greet", nodes: [NODE] }] };

const post = (
  gateway: GatewayUnderTest,
  payload: string | object,
  type = typeof payload === "string" ? "application/yaml" : "application/json",
  key?: string,
) =>
  gateway.ask("POST", "/v1/operators", {
    headers: { "content-type": type, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    payload,
  });

async function told(gateway: GatewayUnderTest): Promise<readonly (readonly [type: string, ...unknown[]])[]> {
  const all: (readonly [string, ...unknown[]])[] = [];
  for await (const { event } of gateway.bus.log.read(0, {}, new AbortController().signal))
    all.push([event.type, event.operatorId, event.data]);
  return all;
}

describe("POST /v1/operators", () => {
  test("registers a document, and answers with the operator: kept with what it is made of, and ready to be activated", async () => {
    await using gateway = await openGateway();

    const response = await post(gateway, YAML);

    expect([response.statusCode, response.headers.location]).toEqual([201, "/v1/operators/desk"]);
    const body = OperatorBody.parse(response.json());
    expect(body).toMatchObject({ id: "desk", posted: true, workers: [], workflows: [{ id: "greet", state_fields: ["name", "greeting"] }] });
    expect(await gateway.store.manifests.listPosted()).toEqual([
      { operatorId: "desk", version: body.version, source: expect.stringContaining("Say hello") as string },
    ]);
    const run = await gateway.ask("POST", "/v1/operators/desk/activate", { payload: { trigger: "greet", input: { name: "Ann" } } });
    expect(run.json()).toMatchObject({ status: "queued", version: body.version, warnings: ["no_worker"] });
    await vi.waitFor(async () => expect(await told(gateway)).toContainEqual(["operator.registered", "desk", { version: body.version }]));
  });

  test("is idempotent by content: comments, form and the order of keys change nothing", async () => {
    await using gateway = await openGateway();
    const first = (await post(gateway, YAML)).json<{ version: string }>();

    const again = await post(gateway, JSON_OPERATOR);
    const inAList = await post(gateway, { operators: [JSON_OPERATOR] });

    expect([again.statusCode, inAList.statusCode]).toEqual([200, 200]);
    expect(again.json()).toMatchObject({ version: first.version, registered_at: (first as { registered_at?: string }).registered_at });
    expect((await told(gateway)).filter(([type]) => type === "operator.registered")).toHaveLength(1);
  });

  test("makes another version of other content, of a prompt as well, and takes an old one again", async () => {
    await using gateway = await openGateway();
    const versionOf = async (yaml: string) => {
      const response = await post(gateway, yaml);
      return [response.statusCode, response.json<{ version: string }>().version] as const;
    };

    const [, first] = await versionOf(YAML);
    const [status, second] = await versionOf(YAML.replace("hello", "good day"));
    const [back, third] = await versionOf(YAML);

    expect([status, back]).toEqual([201, 201]);
    expect(second).not.toBe(first);
    expect(third).toBe(first);
    expect((await gateway.ask("GET", "/v1/operators/desk")).json()).toMatchObject({ version: first });
  });

  test("takes logic nodes that a running worker has a handler for, and no others", async () => {
    await using gateway = await openGateway();
    const thinking = { ...JSON_OPERATOR, workflows: [{ id: "greet", nodes: [{ id: "think", type: "logic" }] }] };

    const refused = await post(gateway, thinking);
    await gateway.bus.buckets.bucket(REGISTRY_BUCKET).put("_handlers.worker-1", { handlers: ["desk.greet.think"] });
    const taken = await post(gateway, thinking);

    expect(refused.json()).toMatchObject({
      status: 422,
      code: "OV_DEFINITION_INVALID",
      detail: expect.stringContaining("a logic node needs its handler") as string,
    });
    expect(taken.statusCode).toBe(201);
  });

  test.each<[what: string, body: string | object, status: number, code: string, detail: RegExp]>([
    ["YAML that is none", "operators: [", 422, "OV_DEFINITION_INVALID", /^the document:1:13 is not valid YAML/],
    [
      "a misspelt key in YAML",
      YAML.replace("prompt:", "promt:"),
      422,
      "OV_DEFINITION_INVALID",
      /^the document:11:13 there is no key "promt" here; did you mean "prompt"\?/,
    ],
    [
      "a misspelt key in JSON",
      { ...JSON_OPERATOR, nmae: "x" },
      422,
      "OV_DEFINITION_INVALID",
      /^the document at \/nmae: there is no key "nmae" here; did you mean "name"\?$/,
    ],
    [
      "a fault inside a node in JSON",
      { ...JSON_OPERATOR, workflows: [{ id: "w", nodes: [{ ...NODE, model: "haikuu" }] }] },
      422,
      "OV_DEFINITION_INVALID",
      /^the document at \/workflows\/0\/nodes\/0\/model: there is no model "haikuu"/,
    ],
    [
      "a prompt file",
      YAML.replace("prompt: Say hello to {{name}}!", "prompt_file: ../../etc/passwd"),
      422,
      "OV_DEFINITION_INVALID",
      /there are no files here/,
    ],
    [
      "a variable of the environment",
      YAML.replace("model: haiku", "model: $" + "{HOME}"),
      422,
      "OV_DEFINITION_INVALID",
      /\$\{HOME\} stands for a variable of the environment, and there is none here/,
    ],
    [
      "two operators",
      { operators: [JSON_OPERATOR, { ...JSON_OPERATOR, id: "other" }] },
      422,
      "OV_DEFINITION_INVALID",
      /a document registers one operator/,
    ],
    ["no operator", { operators: [] }, 422, "OV_DEFINITION_INVALID", /operators needs at least one operator/],
    ["a list", "- id: desk", 422, "OV_DEFINITION_INVALID", /must be a mapping/],
    ["an empty body", "", 400, "OV_BODY_REQUIRED", /./],
    [
      "an operator that code defines",
      { ...JSON_OPERATOR, id: "company_intel" },
      409,
      "OV_OPERATOR_IN_CODE",
      /operator company_intel is defined by code/,
    ],
  ])("refuses %s", async (_what, body, status, code, detail) => {
    await using gateway = await openGateway();

    const response = await post(gateway, body);

    expect(response.json()).toMatchObject({ status, code, detail: expect.stringMatching(detail) as string });
    expect(response.json<{ errors?: readonly { pointer: string }[] }>().errors?.[0]?.pointer ?? "").toMatch(/^(\/|$)/);
    expect(await gateway.store.manifests.listPosted()).toEqual([]);
  });

  test.each([
    ["text/plain", YAML, "OV_MEDIA_TYPE_UNSUPPORTED"],
    ["application/yaml; charset=latin1", YAML, "OV_MEDIA_TYPE_UNSUPPORTED"],
    ["application/json", YAML, "OV_JSON_INVALID"],
  ])("refuses a body of %s that is not", async (type, body, code) => {
    await using gateway = await openGateway();

    expect((await post(gateway, body, type)).json()).toMatchObject({ code });
  });

  test("of bytes that are no UTF-8 is refused, and YAML goes nowhere else", async () => {
    await using gateway = await openGateway();
    const headers = { "content-type": "application/yaml" };

    expect((await gateway.ask("POST", "/v1/operators", { headers, payload: Buffer.from([0xff, 0xfe]) })).json()).toMatchObject({
      code: "OV_UTF8_INVALID",
    });
    expect(
      (await gateway.ask("POST", "/v1/operators/company_intel/activate", { headers, payload: "trigger: query" })).json(),
    ).toMatchObject({
      code: "OV_MEDIA_TYPE_UNSUPPORTED",
    });
  });
});

const KEYS = createAuth({
  keys: [
    { name: "runner", hash: hashOfKey("ov_run"), scopes: ["read", "run"] },
    { name: "boss", hash: hashOfKey("ov_admin"), scopes: ["admin"] },
    { name: "sales", hash: hashOfKey("ov_sales"), scopes: ["admin"], operators: ["sales"] },
  ],
});

test("only a key for admin registers and removes, and one for some operators only those", async () => {
  await using gateway = await openGateway({ auth: KEYS });
  const remove = (key: string) => gateway.ask("DELETE", "/v1/operators/desk", { headers: { authorization: `Bearer ${key}` } });

  for (const key of ["ov_run", "ov_sales"]) expect((await post(gateway, YAML, undefined, key)).statusCode).toBe(403);
  expect((await post(gateway, YAML, undefined, "ov_admin")).statusCode).toBe(201);
  for (const key of ["ov_run", "ov_sales"]) expect((await remove(key)).statusCode).toBe(403);
  expect((await remove("ov_admin")).statusCode).toBe(204);
});

describe("DELETE /v1/operators/{operator_id}", () => {
  test("removes a posted operator; its ended runs stay", async () => {
    await using gateway = await openGateway();
    const { version } = (await post(gateway, YAML)).json<{ version: string }>();
    const { run_id: runId } = (await gateway.ask("POST", "/v1/operators/desk/activate", { payload: { trigger: "greet" } })).json<{
      run_id: string;
    }>();
    await gateway.finish(runId);

    const response = await gateway.ask("DELETE", "/v1/operators/desk");

    expect([response.statusCode, response.body]).toEqual([204, ""]);
    expect((await gateway.ask("GET", "/v1/operators/desk")).json()).toMatchObject({ code: "OV_OPERATOR_NOT_FOUND" });
    expect((await gateway.ask("GET", `/v1/runs/${runId}`)).json()).toMatchObject({ status: "completed" });
    expect((await gateway.ask("DELETE", "/v1/operators/desk")).json()).toMatchObject({ code: "OV_OPERATOR_NOT_FOUND" });
    await vi.waitFor(async () => expect(await told(gateway)).toContainEqual(["operator.removed", "desk", { version }]));
  });

  test("36: with runs that have not ended is 409 with their number, and nothing changes", async () => {
    await using gateway = await openGateway();
    await post(gateway, YAML);
    for (const _ of [1, 2]) await gateway.ask("POST", "/v1/operators/desk/activate", { payload: { trigger: "greet" } });

    const response = await gateway.ask("DELETE", "/v1/operators/desk");

    expect(response.json()).toMatchObject({
      status: 409,
      code: "OV_OPERATOR_IN_USE",
      detail: expect.stringContaining("2 runs have not ended") as string,
      open_runs: 2,
    });
    expect((await gateway.ask("GET", "/v1/operators/desk")).statusCode).toBe(200);
  });

  test("of an operator that code defines is 409 as long as a worker serves it", async () => {
    await using gateway = await openGateway();
    const manifest: OperatorManifest = { id: newToken(), name: "Old", workflows: [], answers: {} };
    await gateway.store.manifests.register(manifest, manifestVersion(manifest));
    await gateway.serve("worker-1");

    expect((await gateway.ask("DELETE", "/v1/operators/company_intel")).json()).toMatchObject({ status: 409, code: "OV_OPERATOR_IN_CODE" });
    expect((await gateway.ask("DELETE", `/v1/operators/${manifest.id}`)).statusCode).toBe(204);
  });

  test("of an operator of code, when nobody knows who serves, is 409 too", async () => {
    await using gateway = await openGateway();
    await gateway.bus[Symbol.asyncDispose]();

    expect((await gateway.ask("DELETE", "/v1/operators/company_intel")).json()).toMatchObject({ code: "OV_OPERATOR_IN_CODE" });
  });
});

test("the schema for editors is served, without a key", async () => {
  await using gateway = await openGateway({ auth: KEYS });

  const response = await gateway.ask("GET", "/v1/schemas/operators.json");

  expect(response.statusCode).toBe(200);
  expect(response.json()).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    required: ["operators"],
    additionalProperties: false,
  });
});
