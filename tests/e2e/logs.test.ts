/** The log lines of all services, seen from outside: one form, one set of keys, no secret. */
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { JsonObject } from "@openvibe/core";
import { freePort } from "@openvibe/stack";
import { DATA_KEY, LINE_KEYS, LOG_KEYS } from "@openvibe/telemetry";
import { anthropicError, startAnthropicLoopback } from "@openvibe/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/e2e-until.ts";
import { type NatsMesh, startMesh } from "../support/mesh.ts";
import metered from "../support/metered-operator.ts";

const KINDS = ["gateway", "worker", "event-relay", "scheduler"] as const;
const OPERATOR = metered.manifest.id;
const API_KEY = "ov_0a1b2c3d4e5f6a7b8c9d";
const VENDOR_KEY = "sk-ant-api03-canary-0123456789";
const NODE_SECRET = "sk-ant-of-the-nodes-own";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

interface Line {
  readonly kind: string;
  readonly text: string;
  readonly fields: JsonObject;
}

const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());
let lines: readonly Line[];
let everything: string;
const runs: Record<string, string> = {};

beforeAll(async () => {
  const vendor = await startAnthropicLoopback({
    reply: ({ user }) => (user === "fail" ? anthropicError("authentication_error", `invalid x-api-key: ${VENDOR_KEY}`) : "an answer"),
  });
  cleanup.use(vendor);
  const mesh = await startMesh({
    env: {
      OPENVIBE_OPERATOR_FILES: "tests/support/metered-operator.ts",
      OPENVIBE_LOG_LEVEL: "debug",
      OPENVIBE_API_KEYS: API_KEY,
      OPENVIBE_LLM: "anthropic",
      ANTHROPIC_API_KEY: VENDOR_KEY,
      OPENVIBE_LLM_BASE_URL: vendor.url,
    },
  });
  cleanup.use(mesh);
  const [port, relayPort] = [await freePort(), await freePort()];
  await Promise.all([
    mesh.start("worker"),
    mesh.start("event-relay", { port: relayPort }),
    mesh.start("scheduler"),
    mesh.start("gateway", { port, env: { OPENVIBE_RELAY_URL: `http://127.0.0.1:${relayPort}` } }),
  ]);
  await work(mesh, `http://127.0.0.1:${port}`);
  for (const process of mesh.all()) process.signal("SIGTERM");
  await Promise.all(mesh.all().map(({ ended }) => ended));
  everything = mesh
    .all()
    .map((process) => process.output())
    .join("\n");
  lines = mesh.all().flatMap((process) =>
    process
      .output()
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => ({ kind: process.name, text, fields: JSON.parse(text) as JsonObject })),
  );
}, 120_000);

/** What makes every service write: runs that end well and badly, requests that are refused, a stream, a stranger's message. */
async function work(mesh: NatsMesh, url: string): Promise<void> {
  const authorization = `Bearer ${API_KEY}`;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization, "content-type": "application/json", ...init.headers } });
  const run = async (name: string, trigger: string, input: JsonObject) => {
    const headers = { prefer: "wait=30", traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, "x-request-id": `asked-${name}` };
    const answer = await ask(`/v1/operators/${OPERATOR}/activate`, { method: "POST", headers, body: JSON.stringify({ trigger, input }) });
    runs[name] = ((await answer.json()) as { run_id: string }).run_id;
  };
  await until("the worker is known", async () => (await ask(`/v1/operators/${OPERATOR}`)).ok);
  await run("think", "think", {});
  await run("refused", "think", { ask: "fail" });
  await run("broken", "fail", {});
  await run("told", "tell", { text: NODE_SECRET });
  await ask("/v1/nothing?api_key=whatever-it-is");
  await ask("/v1/runs", { headers: { authorization: "Bearer ov_of_a_stranger_123456" } });
  await (await ask(`/v1/operators/${OPERATOR}/runs/${runs.think}/stream`)).text();

  const nc = await connect({ servers: mesh.nats.url });
  const activations = `operators.${OPERATOR}.activations.main`;
  await jetstream(nc).publish(`${activations}.resume.${runs.think}.7`);
  await jetstream(nc).publish(`${activations}.nonsense.x.y`, `{"password": "${NODE_SECRET}"}`);
  await nc.close();
  await until("the letters are told", () =>
    mesh.all().some((process) => (process.output().match(/"msg":"dead letter"/g)?.length ?? 0) >= 2),
  );
}

const linesOf = (run: string) => lines.filter(({ fields }) => fields.run_id === runs[run]);

test("every line of every service is one object with the line's own keys, and no key that is not in the list", () => {
  for (const kind of KINDS) expect(lines.filter((line) => line.kind === kind).length, kind).toBeGreaterThan(0);
  for (const { kind, text, fields } of lines) {
    expect(Object.keys(fields), text).toEqual(expect.arrayContaining([...LINE_KEYS]));
    expect(fields.service, text).toBe(kind);
    expect(
      Object.keys(fields).filter((key) => !LOG_KEYS.includes(key)),
      text,
    ).toEqual([]);
    if ("err" in fields) expect(fields.err, text).toMatchObject({ message: expect.any(String) as string });
    expect(JSON.stringify(fields), "no key stands there twice").toBe(text);
  }
});

test("our own lines say nothing outside of the list: what stands under data is an author's", () => {
  const withData = lines.filter(({ fields }) => DATA_KEY in fields);

  expect(withData.map(({ fields }) => fields.msg)).toEqual(["the node tells"]);
  expect(withData[0]?.fields).toMatchObject({
    level: "info",
    run_id: runs.told,
    node_id: "tell",
    data: { level: "fatal", run_id: "mine" },
  });
});

test("a failed node is told once, with whom it concerns, the code and the error", () => {
  const told = linesOf("broken").filter(({ fields }) => fields.level === "warn");

  expect(told).toHaveLength(1);
  expect(told[0]?.fields).toMatchObject({
    service: "worker",
    operator_id: OPERATOR,
    workflow_id: "fail",
    node_id: "break",
    code: "OV_NODE_FAILED",
    err: { message: expect.stringContaining("on purpose") as string, stack: expect.stringContaining("metered-operator.ts") as string },
    trace_id: TRACE,
  });
});

test("a request is found by its id, and leads to its run and on to the worker's lines", () => {
  const accepted = lines.filter(({ fields }) => fields.request_id === "asked-refused");

  expect(accepted.map(({ fields }) => fields.msg)).toEqual(["run accepted", "request answered"]);
  expect(accepted[0]?.fields).toMatchObject({ run_id: runs.refused, operator_id: OPERATOR, workflow_id: "think", trace_id: TRACE });
  expect(new Set(linesOf("refused").map(({ kind }) => kind))).toEqual(new Set(["gateway", "worker"]));
  for (const { fields } of linesOf("refused")) expect(fields.trace_id).toBe(TRACE);
});

test("no secret stands anywhere in what the services wrote", () => {
  expect(everything).toContain("[hidden]");
  for (const secret of [API_KEY, VENDOR_KEY, NODE_SECRET, "whatever-it-is", "ov_of_a_stranger_123456"])
    expect(everything).not.toContain(secret);
});
