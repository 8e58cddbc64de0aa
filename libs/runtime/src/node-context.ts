/** What a node's code gets to know and to do: its `ctx`. */
import type { SharedContext } from "@openvibe/context";
import {
  type JsonObject,
  type LlmCall,
  type Logger,
  type NodeContext,
  OpenVibeError,
  type PendingEvent,
  parsePublishedType,
  type RunCause,
  toIso,
  toTriggerEvent,
} from "@openvibe/core";
import type { Completion, LlmProvider } from "@openvibe/llm";
import { runFields } from "./log-fields.ts";
import { NodeAsks, type NodeAsksDeps } from "./node-asks.ts";
import { copyPayload, findProgressFault } from "./node-payloads.ts";
import { createOnce, findOnce, type KeptResults } from "./once.ts";
import { patientBucket } from "./patient-bucket.ts";
import type { Tried } from "./retrying.ts";

const MAX_TOKENS = 4_096;

export interface NodeContextDeps extends NodeAsksDeps {
  /** The event or question that started it. */
  readonly cause: RunCause | undefined;
  /** Tells the passes of a loop apart; "0" outside of loops. */
  readonly iteration: string;
  readonly logger: Logger;
  readonly context: SharedContext;
  readonly llm: LlmProvider;
  /** Where `ctx.once` keeps its results; in memory alone when absent. */
  readonly kept?: KeptResults;
  readonly tellProgress: (data: JsonObject) => void;
}

/** What a node's code gets, and what it has published so far. After `close` nothing more is accepted. */
export interface OpenNodeContext {
  readonly ctx: NodeContext;
  readonly events: readonly PendingEvent[];
  /** Drops what was published so far, and counts questions anew. Gives what a pause before the next attempt keeps. */
  nextAttempt(): Omit<Tried, "began">;
  close(): void;
}

export function openNodeContext(deps: NodeContextDeps): OpenNodeContext {
  const { run, nodeId, clock, signal } = deps;
  const events: PendingEvent[] = [];
  let closed = false;
  let progressRefused = false;
  const refuseWhenClosed = (what: string) => {
    // A node that was interrupted has ended for everybody but its own code.
    if (closed || signal.aborted)
      throw new OpenVibeError("OV_NODE_FAILED", `run ${run.runId} node ${nodeId}: ${what} after the node had ended`);
  };
  let once: ReturnType<typeof createOnce> | undefined;
  const effectKey = `${run.runId}:${nodeId}:${deps.iteration}`;
  const at = `run ${run.runId} node ${nodeId}`;
  const log = (level: "debug" | "info" | "warn" | "error") => (fields: object, message: string) =>
    deps.logger[level]({ ...runFields(run), node_id: nodeId, data: fields }, message);

  const openOnce = () => {
    once ??= createOnce({
      at,
      runId: run.runId,
      attempt: run.attempt,
      place: `${nodeId}:${deps.iteration}`,
      effectKey,
      signal,
      kept: deps.kept,
      refuseWhenClosed,
    });
    return once;
  };

  let asks: NodeAsks | undefined;
  const getAsks = () => {
    asks ??= new NodeAsks(deps, { at, effectKey, openOnce, refuseWhenClosed });
    return asks;
  };

  const ctx: NodeContext = {
    runId: run.runId,
    operatorId: run.operatorId,
    workflowId: run.workflowId,
    nodeId,
    attempt: run.attempt,
    signal,
    effectKey,
    tags: run.tags,
    trigger: toTrigger(run.trigger, deps.cause),
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    now: () => clock.now(),
    publish(type, payload) {
      refuseWhenClosed(`ctx.publish(${JSON.stringify(type)})`);
      const within = findOnce();
      if (within !== undefined)
        throw new OpenVibeError(
          "OV_NODE_FAILED",
          `${at}: ctx.publish inside ctx.once(${JSON.stringify(within.key)}), whose code may not run again: publish behind it`,
        );
      const parsedType = parsePublishedType(type);
      const data = copyPayload(payload, `${at}: payload of event ${parsedType}`);
      events.push({ type: parsedType, time: toIso(clock.now()), node_id: nodeId, data });
    },
    context: (name) =>
      patientBucket(deps.context.bucket(name, run.runId), signal, (call) =>
        refuseWhenClosed(`ctx.context(${JSON.stringify(name)}).${call}`),
      ),
    ask: (capability, body, options) => getAsks().ask(capability, body, options),
    once: (key, fn) => getAsks().meanwhile(openOnce()(key, fn)),
    emitProgress(data) {
      if (closed || signal.aborted) return;
      const fault = findProgressFault(data);
      if (fault === undefined) return deps.tellProgress(data);
      if (!progressRefused) deps.logger.warn({ ...runFields(run), node_id: nodeId, fault }, "a node's progress cannot be told");
      progressRefused = true;
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
      const { content, model: answered } = await getAsks().meanwhile(deps.llm.complete(request, { signal }));
      return { content, model: answered };
    },
  };
  return {
    ctx,
    events,
    nextAttempt() {
      events.length = 0;
      return getAsks().nextAttempt();
    },
    close() {
      closed = true;
    },
  };
}

function toTrigger(id: string, cause: RunCause | undefined): NodeContext["trigger"] {
  if (cause?.kind !== "event") return { id };
  return { id, event: toTriggerEvent(cause.event), ...(cause.events === undefined ? {} : { events: cause.events.map(toTriggerEvent) }) };
}
