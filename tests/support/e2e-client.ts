/** An HTTP client that knows the API only by its pages. */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue, RunMetrics, RunStatus } from "@openvibe/core";
import { readSse, type SseMessage } from "@openvibe/http";

export interface RunBody {
  readonly run_id: string;
  readonly operator_id: string;
  readonly workflow_id: string;
  readonly trigger: string;
  readonly status: RunStatus;
  readonly input: JsonObject;
  readonly output: JsonObject;
  readonly error?: { readonly code: string; readonly message: string; readonly node_id?: string };
  readonly metrics: RunMetrics;
  readonly attempt: number;
  readonly completed_at: string | null;
}

export interface EventBody {
  readonly id: string;
  readonly type: string;
  readonly operatorid: string;
  readonly runid: string;
  readonly nodeid?: string;
  readonly sequence: number;
  readonly data: JsonObject;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface Client {
  readonly url: string;
  call<T = JsonObject>(
    method: string,
    path: string,
    body?: JsonValue | string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<T>>;
  /** Accepted, not waited for. @throws when it was not */
  activate(operatorId: string, trigger: string, input: JsonObject): Promise<RunBody>;
  /** Accepted and waited for, 60 s at most. @throws when it was not, or when the caller was told something else than what is kept */
  run(operatorId: string, trigger: string, input: JsonObject): Promise<RunBody>;
  get(operatorId: string, runId: string): Promise<RunBody>;
  /** Every stored event of a run, oldest first. */
  events(operatorId: string, runId: string): Promise<readonly EventBody[]>;
  /** The run's stream until its end: live ones have no `lastEventId` of their own. */
  stream(operatorId: string, runId: string, lastEventId?: string): Promise<readonly SseMessage[]>;
  /** The value, or `undefined` where there is none. */
  context(bucket: string, key: string): Promise<JsonObject | undefined>;
}

export function createClient(url: string): Client {
  const call = async <T>(method: string, path: string, body?: JsonValue | string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as T };
  };
  const ok = async <T>(...args: Parameters<typeof call>): Promise<T> => {
    const { status, body } = await call<T>(...args);
    if (status >= 300) throw new Error(`${args[0]} ${args[1]} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const start = (operatorId: string, trigger: string, input: JsonObject, headers?: Readonly<Record<string, string>>) =>
    ok<RunBody & { warnings: readonly string[] }>("POST", `/v1/operators/${operatorId}/activate`, { trigger, input }, headers);
  const get = (operatorId: string, runId: string) => ok<RunBody>("GET", `/v1/operators/${operatorId}/runs/${runId}`);
  return {
    url,
    call,
    activate: (operatorId, trigger, input) => start(operatorId, trigger, input),
    async run(operatorId, trigger, input) {
      const { warnings: _, ...told } = await start(operatorId, trigger, input, { prefer: "wait=60" });
      const kept = await get(operatorId, told.run_id);
      if (!isDeepStrictEqual(told, kept)) throw new Error(`the caller was told ${JSON.stringify(told)}; kept is ${JSON.stringify(kept)}`);
      return told;
    },
    get,
    events: async (operatorId, runId) => (await ok<{ data: EventBody[] }>("GET", `/v1/operators/${operatorId}/runs/${runId}/events`)).data,
    async stream(operatorId, runId, lastEventId) {
      const from = lastEventId === undefined ? {} : { lastEventId };
      return await Array.fromAsync(readSse(`${url}/v1/operators/${operatorId}/runs/${runId}/stream`, { reconnect: false, ...from }));
    },
    async context(bucket, key) {
      const { status, body } = await call<{ value: JsonObject }>("GET", `/v1/context/${bucket}/${key}`);
      return status === 404 ? undefined : body.value;
    },
  };
}
