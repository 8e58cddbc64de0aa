import { Command, isInterrupted } from "@langchain/langgraph";
import type { CheckpointTuple } from "@langchain/langgraph-checkpoint";
import { type BroughtGraph, isOpenVibeError, messageOf, OpenVibeError } from "@openvibe/core";
import { outsideOfGraphs } from "../outside-of-graphs.ts";
import { countingModels, type ModelUsage } from "./model-usage.ts";
import { findPendingInterrupts } from "./pending-interrupts.ts";
import type { StoreSaver } from "./store-saver.ts";

/** A question that the graph asked by `interrupt(value)`. */
export interface GraphQuestion {
  readonly id: string;
  readonly value: unknown;
  /** JSON Schema of the answer, where the graph gave one. */
  readonly schema?: unknown;
}

/** What the graph tells while it runs. */
export interface GraphListener {
  /** A piece of a model's answer. */
  token(text: string): void;
  /** What a node wrote by `config.writer`. */
  custom(value: unknown): void;
  /** A node of the graph, or of one nested in it (`path`), begins or has ended. */
  node(at: "started" | "ended", name: string, path: readonly string[]): void;
  /** A model has answered; `undefined` where it failed instead. */
  modelCalled(usage: ModelUsage | undefined): void;
}

export interface BroughtGraphRun {
  readonly graph: BroughtGraph;
  readonly saver: StoreSaver;
  readonly threadId: string;
  /** Asked for where the thread has no checkpoint yet. */
  input(): unknown;
  /** To the question that the run waited with. */
  readonly answer?: { readonly id: string; readonly value: unknown };
  readonly signal: AbortSignal;
  readonly recursionLimit?: number;
  /** What the graph's nodes find in `config.configurable` beside LangGraph's own. */
  readonly configurable: Readonly<Record<string, unknown>>;
  readonly listener: GraphListener;
}

export type BroughtGraphEnd = { readonly result: unknown } | { readonly question: GraphQuestion };

/** Where a parent graph lends its saver to a nested one: so a graph keeps the saver that it was compiled with to itself. */
const LENT_SAVER = "__pregel_checkpointer";

/**
 * Begins a graph, or goes on at its last checkpoint, until it ends or asks. Each superstep is in the store before the next begins.
 * @throws OpenVibeError OV_NODE_FAILED with the name of the graph's node; OpenVibeErrors as they are
 */
export async function runBroughtGraph(run: BroughtGraphRun): Promise<BroughtGraphEnd> {
  const newest = await run.saver.newest(run.threadId);
  const input = newest.length === 0 ? await run.input() : toResume(run, newest);
  return await outsideOfGraphs(() => follow(run, input));
}

/** A question that was answered before the worker died is not answered twice: LangGraph would take the answer for the next one. */
function toResume({ answer }: BroughtGraphRun, newest: readonly CheckpointTuple[]): Command | null {
  if (answer === undefined || !findPendingInterrupts(newest).has(answer.id)) return null;
  return new Command({ resume: { [answer.id]: answer.value } });
}

type Chunk = readonly [path: readonly string[], mode: string, payload: unknown];

async function follow({ graph, saver, threadId, signal, recursionLimit, configurable, listener }: BroughtGraphRun, input: unknown) {
  const questions = new Map<string, GraphQuestion>();
  let stopped = false;
  let result: unknown;
  let failed: readonly string[] = [];
  try {
    const chunks = await graph.stream(input, {
      streamMode: ["values", "custom", "messages", "tasks"],
      outputKeys: graph.outputChannels,
      subgraphs: true,
      durability: "sync",
      signal,
      ...(recursionLimit === undefined ? {} : { recursionLimit }),
      callbacks: [countingModels(listener)],
      configurable: { ...configurable, thread_id: threadId, [LENT_SAVER]: saver },
    });
    for await (const [path, mode, payload] of chunks as AsyncIterable<Chunk>) {
      switch (mode) {
        case "values":
          if (isInterrupted<unknown>(payload)) {
            stopped = true;
            for (const question of payload.__interrupt__.map(toQuestion)) if (question !== undefined) questions.set(question.id, question);
          } else if (path.length === 0) result = payload;
          break;
        case "messages":
          tellToken(payload, listener);
          break;
        case "custom":
          listener.custom(payload);
          break;
        case "tasks":
          failed = deeper(failed, tellTask(payload, path, listener)); // what fails within fails what is around it
          break;
      }
    }
  } catch (error) {
    if (signal.aborted || isOpenVibeError(error)) throw error;
    throw new OpenVibeError(
      "OV_NODE_FAILED",
      `the graph${failed.length === 0 ? "" : `'s node ${failed.join(" > ")}`} failed: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  const [question] = questions.values();
  if (question !== undefined) return { question };
  if (stopped)
    throw new OpenVibeError(
      "OV_NODE_FAILED",
      "the graph stopped without a question, at a breakpoint of a nested graph; ask by interrupt()",
    );
  return { result };
}

function toQuestion(interrupt: { readonly id?: unknown; readonly value?: unknown; readonly response_schema?: unknown }) {
  const { id, value, response_schema: schema } = interrupt;
  return typeof id !== "string" ? undefined : { id, value, ...(schema === undefined ? {} : { schema }) };
}

/** Of a model's messages only: what people and tools said is known. */
function tellToken(payload: unknown, listener: GraphListener): void {
  const [message] = payload as readonly [{ readonly type?: unknown; readonly content?: unknown }];
  if (message.type !== "ai") return;
  const text = textOf(message.content);
  if (text !== "") listener.token(text);
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const blocks = (Array.isArray(content) ? content : []) as readonly { readonly type?: unknown; readonly text?: unknown }[];
  return blocks.map(({ type, text }) => (type === "text" && typeof text === "string" ? text : "")).join("");
}

function deeper(one: readonly string[], other: readonly string[]): readonly string[] {
  return other.length > one.length ? other : one;
}

/** Gives the path to the node where it failed. */
function tellTask(payload: unknown, path: readonly string[], listener: GraphListener): readonly string[] {
  const task = payload as { readonly name: string; readonly result?: unknown; readonly error?: unknown };
  const names = path.map((part) => part.split(":")[0] ?? part);
  const ended = "result" in task;
  listener.node(ended ? "ended" : "started", task.name, names);
  return ended && task.error !== null && task.error !== undefined ? [...names, task.name] : [];
}
