import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openvibe } from "../spawn-node.fixture.ts";

export interface LoopbackApi extends AsyncDisposable {
  command(...args: string[]): ReturnType<typeof openvibe>;
}

type Answer = readonly [status: number, body: object];

/** A server on loopback that gives fixed answers, for states that a real one reaches only through five dead workers. */
export async function openLoopbackApi(answers: Readonly<Record<string, Answer>>): Promise<LoopbackApi> {
  const server = createServer((request, response) => {
    const address = `${request.method} ${request.url}`;
    const [status, body] = answers[address] ?? [404, { code: "OV_ROUTE_NOT_FOUND", detail: `there is nothing at ${address}` }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    command: (...args) => openvibe(args, { env: { OPENVIBE_URL: url } }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const METRICS = { duration_seconds: 1, tokens_in: 0, tokens_out: 0, cost_usd: 0, nodes_executed: 1, nodes_failed: 0, llm_calls: 0 };

/** A run's body, as far as the command reads it. */
export function runBody(runId: string, fields: object = {}): object {
  const { status, ...others } = { status: "completed", ...fields };
  const times = { created_at: "2026-11-22T10:00:00.000Z", completed_at: status === "queued" ? null : "2026-11-22T10:01:00.000Z" };
  return {
    run_id: runId,
    operator_id: "small",
    workflow_id: "add",
    status,
    input: { n: 1 },
    output: {},
    metrics: METRICS,
    ...times,
    ...others,
  };
}
