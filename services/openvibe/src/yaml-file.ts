import { resolve } from "node:path";
import { readYamlFile } from "@openvibe/composition";
import { nearestName, OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import type { LogicHandler, LogicHandlers } from "@openvibe/sdk";
import { handlerKey, toHandlerTable } from "@openvibe/sdk/yaml";

/** A YAML file that was read; code may register handlers for its logic nodes before it is compiled. */
export interface OpenedYamlFile {
  /** Whether one of its operators has this id. */
  has(operatorId: string): boolean;
  /** @throws OpenVibeError OV_CONFIG_INVALID for a node that is not there, or has a handler already */
  handle(operatorId: string, workflowId: string, nodeId: string, handler: LogicHandler): void;
  add(handlers: LogicHandlers): void;
  compile(): readonly OperatorDefinition[];
}

export async function openYamlFile(file: string): Promise<OpenedYamlFile> {
  const cwd = process.cwd();
  const { text, compile } = await readYamlFile(resolve(cwd, file), { cwd, env: process.env });
  const handlers = new Map<string, LogicHandler>();
  const set = (key: string, handler: LogicHandler) => {
    if (!text.nodeKeys.has(key)) throw wrong(`${file} has no node ${key}${meant(key, text.nodeKeys)}`);
    if (handlers.has(key)) throw wrong(`${key} has a handler already`);
    if (typeof handler !== "function") throw wrong(`the handler of ${key} is no function`);
    handlers.set(key, handler);
  };
  return {
    has: (operatorId) => text.operators.some(({ id }) => id === operatorId),
    handle: (operatorId, workflowId, nodeId, handler) => set(handlerKey(operatorId, workflowId, nodeId), handler),
    add: (given) => {
      for (const [key, handler] of toHandlerTable(given, wrong)) set(key, handler);
    },
    compile: () => compile(handlers),
  };
}

function meant(key: string, keys: ReadonlySet<string>): string {
  const near = nearestName(key, keys);
  return near === undefined ? `; there are ${[...keys].join(", ")}` : `; did you mean ${near}?`;
}

function wrong(what: string): OpenVibeError {
  return new OpenVibeError("OV_CONFIG_INVALID", what);
}
