import { manifestVersion } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { GraphBody, OperatorBody } from "../schemas/operators.ts";

const GRAPH = "/v1/operators/company_intel/graph";
const ask = (gateway: GatewayUnderTest, query = "", accept?: string) =>
  gateway.ask("GET", `${GRAPH}${query}`, { headers: accept === undefined ? {} : { accept } });

describe("an operator's graph", () => {
  test.each<[string, string | undefined, string, RegExp]>([
    ["", undefined, "text/vnd.mermaid", /^flowchart TD\n {2}subgraph w0\["research: query \(on_demand\)"\]/],
    ["", "text/html, */*;q=0.8", "text/vnd.mermaid", /w0_start --> w0_0/],
    ["", "text/plain", "text/plain", /^research {2}query \(on_demand\)\n└─ write {2}llm haiku → report/],
    ["", "image/svg+xml", "image/svg+xml", /^<svg xmlns/],
    ["?format=text", "application/json", "text/plain", /└─ write/],
    ["?format=svg&workflow=research", undefined, "image/svg+xml", />write<\/text>/],
    ["?workflow=refresh", undefined, "text/vnd.mermaid", /refresh: nightly/],
  ])("at %s with Accept %s is %s", async (query, accept, type, text) => {
    await using gateway = await openGateway();

    const answer = await ask(gateway, query, accept);

    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, `${type}; charset=utf-8`]);
    expect(answer.body).toMatch(text);
    expect(answer.headers.vary).toContain("Accept");
  });

  test("is data for those who want it", async () => {
    await using gateway = await openGateway();

    const body = GraphBody.strict().parse((await ask(gateway, "", "application/json")).json());

    expect(body.workflows).toEqual([
      {
        id: "research",
        triggers: [{ id: "query", on: "on_demand" }],
        steps: [{ id: "write", kind: "llm", description: "llm haiku → report" }],
        edges: [
          { from: null, to: "write" },
          { from: "write", to: null },
        ],
      },
      { id: "refresh", triggers: [{ id: "nightly", on: "cron:0 3 * * *" }], steps: [], edges: [] },
    ]);
  });

  test("of an old version is drawn as well, and told at the operator's own address", async () => {
    await using gateway = await openGateway();
    const old = await gateway.store.manifests.find("company_intel");
    if (old === undefined) throw new Error("no manifest");
    const changed = { ...old.manifest, name: "Other", workflows: old.manifest.workflows.slice(1) };
    await gateway.store.manifests.register(changed, manifestVersion(changed));

    const drawn = await ask(gateway, `?version=${old.version}`);
    const told = (await gateway.ask("GET", `/v1/operators/company_intel?version=${old.version}`)).json();

    expect(drawn.body).toContain("write");
    expect(OperatorBody.parse(told)).toMatchObject({ name: "Company Intelligence", version: old.version });
  });

  test.each<[string, string | undefined, number, string]>([
    ["?format=png", undefined, 400, "OV_PARAMETER_INVALID"],
    ["?workflow=reserach", undefined, 404, "OV_WORKFLOW_NOT_FOUND"],
    ["?version=nope", undefined, 404, "OV_OPERATOR_NOT_FOUND"],
    ["?version=a%00b", undefined, 400, "OV_PARAMETER_INVALID"],
    ["", "image/png", 406, "OV_NOT_ACCEPTABLE"],
  ])("at %s with Accept %s is refused", async (query, accept, status, code) => {
    await using gateway = await openGateway();

    expect((await ask(gateway, query, accept)).json()).toMatchObject({ status, code });
  });

  test("of an unknown operator is not found", async () => {
    await using gateway = await openGateway();

    expect((await gateway.ask("GET", "/v1/operators/company_inte/graph")).json()).toMatchObject({
      status: 404,
      code: "OV_OPERATOR_NOT_FOUND",
    });
  });
});
