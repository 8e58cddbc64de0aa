import type { Control, NodeContext, Patch, State } from "@openvibe/core";

/** The code of a logic node: state in, the fields to change out. Of a conditional it gives the route, of a loop whether it goes on, of a wait until when. */
// biome-ignore lint/suspicious/noExplicitAny: the state's type stands in YAML, so that an author names it himself
export type LogicHandler = (state: any, ctx: NodeContext) => unknown;

/** Code by operator, workflow and node: what `logic_handlers.ts` exports as its default. */
export type LogicHandlers = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, LogicHandler>>>>>>;

/** How a handler is found: `company_intel.research.decide`. */
export function handlerKey(operatorId: string, workflowId: string, nodeId: string): string {
  return `${operatorId}.${workflowId}.${nodeId}`;
}

export type HandlerTable = ReadonlyMap<string, LogicHandler>;

/** What a node's function may return. */
export type NodeCode = (state: State, ctx: NodeContext) => Patch | Control | void | Promise<Patch | Control | void>;

/** The handlers of a module or an object by key; `fault` says what is wrong with what is no function. */
export function toHandlerTable(handlers: unknown, fault: (what: string) => Error): HandlerTable {
  const table = new Map<string, LogicHandler>();
  for (const [operatorId, workflows] of entriesOf(handlers, "handlers", fault))
    for (const [workflowId, nodes] of entriesOf(workflows, operatorId, fault))
      for (const [nodeId, handler] of entriesOf(nodes, `${operatorId}.${workflowId}`, fault)) {
        const key = handlerKey(operatorId, workflowId, nodeId);
        if (typeof handler !== "function") throw fault(`${key} is no function`);
        table.set(key, handler as LogicHandler);
      }
  return table;
}

function entriesOf(value: unknown, what: string, fault: (what: string) => Error): readonly [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw fault(`${what} is no object; allowed is { <operator>: { <workflow>: { <node>: (state, ctx) => … } } }`);
}
