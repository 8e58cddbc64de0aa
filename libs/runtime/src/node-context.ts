import type { Requests } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import {
  type Clock,
  type ContextBucket,
  findJsonFault,
  type JsonValue,
  type LlmCall,
  type Logger,
  type NodeContext,
  type NodeId,
  OpenVibeError,
  type PendingEvent,
  parseId,
  parsePublishedType,
  type Run,
  toIso,
} from "@openvibe/core";
import type { Completion, LlmProvider } from "@openvibe/llm";
import { patiently } from "./patience.ts";

const ASK_TIMEOUT_MS = 30_000;
const MAX_TOKENS = 4_096;

export interface NodeContextDeps {
  readonly run: Run;
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly context: SharedContext;
  readonly requests: Requests;
  readonly llm: LlmProvider;
  /** Frees the run's slot while it waits for another operator. */
  readonly whileAsking: <T>(asking: Promise<T>) => Promise<T>;
}

/** What a node's code gets, and what it has published so far. After `close` nothing more is accepted. */
export interface OpenNodeContext {
  readonly ctx: NodeContext;
  readonly events: readonly PendingEvent[];
  close(): void;
}

export function openNodeContext(deps: NodeContextDeps): OpenNodeContext {
  const { run, nodeId, clock, signal } = deps;
  const events: PendingEvent[] = [];
  let asks = 0;
  let closed = false;
  const refuseWhenClosed = (what: string) => {
    if (closed) throw new OpenVibeError("OV_NODE_FAILED", `run ${run.runId} node ${nodeId}: ${what} after the node had ended`);
  };
  const effectKey = `${run.runId}:${nodeId}:0`;
  const log = (level: "debug" | "info" | "warn" | "error") => (fields: object, message: string) =>
    deps.logger[level]({ ...fields, run_id: run.runId, operator_id: run.operatorId, node_id: nodeId }, message);

  const ctx: NodeContext = {
    runId: run.runId,
    operatorId: run.operatorId,
    workflowId: run.workflowId,
    nodeId,
    attempt: run.attempt,
    signal,
    effectKey,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    now: () => clock.now(),
    publish(type, payload) {
      refuseWhenClosed(`ctx.publish(${JSON.stringify(type)})`);
      const fault = findJsonFault(payload);
      if (fault !== undefined)
        throw new OpenVibeError(
          "OV_PATCH_INVALID",
          `run ${run.runId} node ${nodeId}: payload of event ${type} at ${fault.pointer}: ${fault.detail}`,
        );
      events.push({ type: parsePublishedType(type), time: toIso(clock.now()), node_id: nodeId, data: JSON.parse(JSON.stringify(payload)) });
    },
    context: (name) => patientBucket(deps.context.bucket(name), signal),
    async ask<T extends JsonValue = JsonValue>(capability: string, body: JsonValue, options?: { readonly timeoutMs?: number }) {
      refuseWhenClosed(`ctx.ask(${JSON.stringify(capability)})`);
      const [operatorId = "", name = "", rest] = capability.split(".");
      if (rest !== undefined)
        throw new OpenVibeError("OV_ID_INVALID", `ctx.ask: ${JSON.stringify(capability)} is not allowed: write "operator.capability"`);
      parseId(operatorId, "ctx.ask: operator");
      parseId(name, "ctx.ask: capability");
      const request = { body, askId: `${effectKey}:${asks++}`, deadlineAt: clock.now() + (options?.timeoutMs ?? ASK_TIMEOUT_MS) };
      return (await deps.whileAsking(deps.requests.ask(operatorId, name, request, signal))) as T;
    },
    async llm(call: LlmCall): Promise<Pick<Completion, "content" | "model">> {
      refuseWhenClosed("ctx.llm");
      const { model, system, user, maxTokens = MAX_TOKENS, temperature } = call;
      const request = {
        model,
        user,
        maxTokens,
        ...(system === undefined ? {} : { system }),
        ...(temperature === undefined ? {} : { temperature }),
      };
      const { content, model: answered } = await deps.llm.complete(request, { signal });
      return { content, model: answered };
    },
  };
  return {
    ctx,
    events,
    close() {
      closed = true;
    },
  };
}

/** An unreachable bus inside a node is no failure of the node: the call repeats until the node's own time is over. */
function patientBucket(bucket: ContextBucket, signal: AbortSignal): ContextBucket {
  return {
    get: (key) => patiently(() => bucket.get(key), { signal }),
    put: (key, value) => patiently(() => bucket.put(key, plain(key, value)), { signal }),
    update: (key, fn) =>
      patiently(() => bucket.update(key, async (current) => plain(key, await fn(current as never)) as never), { signal }),
    delete: (key) => patiently(() => bucket.delete(key), { signal }),
  };
}

function plain(key: string, value: JsonValue): JsonValue {
  const fault = findJsonFault(value);
  if (fault === undefined) return value;
  throw new OpenVibeError(
    "OV_PATCH_INVALID",
    `value for context key ${key} at ${fault.pointer === "" ? "its top" : fault.pointer}: ${fault.detail}`,
  );
}
