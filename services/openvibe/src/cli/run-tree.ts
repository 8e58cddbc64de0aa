import { armOf, isTerminalEventType, type JsonObject, type StepManifest } from "@openvibe/core";
import { whatFor } from "./what-for.ts";

/** `skipped`: the run ended without it, by another route or before its end. */
type Mark = "pending" | "running" | "waiting" | "done" | "failed" | "skipped";

interface Row {
  readonly depth: number;
  /** The step's id; a route's name where `isRoute`. */
  readonly name: string;
  readonly isRoute: boolean;
}

interface NodeView {
  readonly mark: Mark;
  readonly startedAtMs: number;
  readonly note: string;
  readonly retries: number;
}

export interface TreeLine {
  /** `undefined` for a route. */
  readonly mark: Mark | undefined;
  readonly text: string;
}

/** A run as its steps stand: events in, lines out. Knows neither clock nor terminal. */
export interface RunTree {
  /** `nowMs`: when it was seen, by the reader's clock, which the author's may differ from. */
  see(type: string, event: JsonObject, nowMs: number): void;
  /** `status`: the run's, as its events tell it. */
  readonly status: string;
  lines(nowMs: number): readonly TreeLine[];
}

const FRESH: NodeView = { mark: "pending", startedAtMs: 0, note: "", retries: 0 };

export function createRunTree(steps: readonly StepManifest[]): RunTree {
  const rows = flatten(steps, 0);
  const nodes = new Map<string, NodeView>();
  let status = "queued";

  const seeNode = (type: string, id: string, data: JsonObject, nowMs: number) => {
    if (!rows.some(({ name, isRoute }) => name === id && !isRoute)) rows.push({ depth: 0, name: id, isRoute: false });
    nodes.set(id, after(nodes.get(id) ?? FRESH, type, data, nowMs));
  };

  return {
    see(type, event, nowMs) {
      const data = (event.data ?? {}) as JsonObject;
      if (type.startsWith("run.")) {
        status = type === "run.started" || type === "run.resumed" ? "running" : type.slice(4);
        if (type === "run.waiting" && typeof event.nodeid === "string") seeNode(type, event.nodeid, data, nowMs);
        if (isTerminalEventType(type))
          for (const { name } of rows) {
            const view = nodes.get(name) ?? FRESH;
            if (view.mark !== "done" && view.mark !== "failed") nodes.set(name, { ...view, mark: "skipped", note: "" });
          }
      } else if (type.startsWith("node.") && typeof event.nodeid === "string") seeNode(type, event.nodeid, data, nowMs);
    },
    get status() {
      return status;
    },
    lines: (nowMs) =>
      rows.map(({ depth, name, isRoute }) => {
        const indent = "  ".repeat(depth);
        if (isRoute) return { mark: undefined, text: `${indent}${name}:` };
        const view = nodes.get(name) ?? FRESH;
        return { mark: view.mark, text: [`${indent}${name}`, noteOf(view, nowMs)].filter((part) => part !== "").join("  ") };
      }),
  };
}

/** A step a row; below it the steps inside it, by route where it has several. */
function flatten(steps: readonly StepManifest[], depth: number): Row[] {
  return steps.flatMap((step) => {
    const arms = Object.entries(armsOf(step)).filter(([, arm]) => arm.length > 0);
    const inside = arms.flatMap(([name, arm]) => [{ depth: depth + 1, name, isRoute: true }, ...flatten(arm, depth + 2)]);
    return [{ depth, name: step.id, isRoute: false }, ...inside];
  });
}

function armsOf(step: StepManifest): Readonly<Record<string, readonly StepManifest[]>> {
  switch (step.kind) {
    case "branch":
      return Object.fromEntries(Object.entries(step.routes).map(([name, route]) => [name, armOf(route)]));
    case "loop":
      return { again: step.body };
    case "human":
      return { timed_out: step.timed_out ?? [] };
    case "wait":
      return { timed_out: step.event?.timed_out ?? [] };
    default:
      return {}; // whatever a server of another version knows
  }
}

function after(view: NodeView, type: string, data: JsonObject, nowMs: number): NodeView {
  switch (type) {
    case "node.started":
      return { ...FRESH, mark: "running", startedAtMs: nowMs };
    case "node.retrying":
      return { ...view, mark: "running", retries: view.retries + 1 };
    case "node.completed":
      return { ...view, mark: "done", note: [toDuration(Number(data.duration_ms)), ...toTokens(data)].join(", ") };
    case "run.waiting":
      return { ...view, mark: "waiting", note: whatFor(data) };
    case "node.skipped":
      return { ...view, mark: "skipped", note: "" };
    case "node.failed":
      return { ...view, mark: "failed", note: String((data.error as JsonObject | undefined)?.message ?? "") };
    default:
      return view;
  }
}

function noteOf({ mark, startedAtMs, note, retries }: NodeView, nowMs: number): string {
  const tried = retries === 0 ? "" : `, tried again ${retries} ${retries === 1 ? "time" : "times"}`;
  return mark === "running" ? `${toDuration(nowMs - startedAtMs)}${tried}` : `${note}${note === "" ? "" : tried}`;
}

function toTokens({ tokens_in, tokens_out }: JsonObject): string[] {
  return tokens_in === undefined ? [] : [`${String(tokens_in)} + ${String(tokens_out)} tokens`];
}

function toDuration(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
