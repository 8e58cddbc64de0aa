/** The decorators: standard (stage 3) ones, thin over the values of `openvibe`. Loads zod, which makes the state's schema of a class's fields. */
export { type ConditionalDecorator, type ConditionalOptions, conditional, type RouteOptions } from "./conditional.ts";
export { durable } from "./durable.ts";
export { type HumanDecorator, type HumanMethodOptions, humanInTheLoop } from "./human-in-the-loop.ts";
export { type LlmNodeDecorator, type LlmNodeOptions, llmNode, type OutputKeys, type PromptObject } from "./llm-node.ts";
export type { FieldsOf, MethodPatch } from "./method-types.ts";
export { type NodeDecorator, type NodeMethodOptions, node } from "./node.ts";
export { type OperatorClassOptions, operator } from "./operator.ts";
export { type ClassOrStatic, type WorkflowClassOptions, workflow } from "./workflow.ts";
