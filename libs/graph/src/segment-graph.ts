/**
 * A plan as a LangGraph `Pregel`, which is what LangGraph compiles its graphs to: a node and a channel per segment. A segment's end is written to the
 * channel of the segment that goes on. Built directly because a compiled `StateGraph` takes a superstep of its own to begin and copies every field
 * of the state through a channel: more than half of what LangGraph costs per run.
 */

import { LastValue } from "@langchain/langgraph/channels";
import { Channel, Pregel } from "@langchain/langgraph/pregel";
import type { NodeId } from "@openvibe/core";
import { callWritersDirectly } from "./bare-writers.ts";
import { getStep, type Plan, type Position, type Segment } from "./plan.ts";
import { runToEnd } from "./run-to-end.ts";
import { nodeName, StepsNode, type Update } from "./steps-node.ts";
import type { WorkflowGraph } from "./workflow-graph.ts";

export function buildSegmentGraph(plan: Plan): WorkflowGraph {
  const segments = [...plan.segments.values()];
  const channels = segments.map(({ head }) => channelOf(head));
  const graph = new Pregel({
    nodes: Object.fromEntries(segments.map((segment) => [nodeName(segment.head), toNode(plan, segment)])),
    channels: Object.fromEntries(channels.map((channel) => [channel, new LastValue<Update>()])),
    inputChannels: channels,
    outputChannels: channels,
  });
  callWritersDirectly(graph);
  return {
    form: "segments",
    async run(runner, { state, position }) {
      const begin: Update = { state, position };
      await runToEnd(graph, { [channelOf(plan.segmentOf.get(position) ?? position)]: begin }, runner);
    },
  };
}

function toNode(plan: Plan, { head, steps }: Segment) {
  const node = Channel.subscribeTo(channelOf(head)).pipe(new StepsNode(plan, steps));
  const last = getStep(plan.steps, steps.at(-1) ?? head);
  const next = new Set(last.kind === "linear" ? [last.next] : Object.values(last.routes));
  const writes = [...next].filter((position) => position !== null).map((position) => [channelOf(position), onlyTo(position)] as const);
  return writes.length === 0 ? node : node.pipe(Channel.writeTo([], Object.fromEntries(writes)));
}

/** `undefined` is not written. */
function onlyTo(position: Position) {
  return (update: Update): Update | undefined => (update.position === position ? update : undefined);
}

function channelOf(head: NodeId): string {
  return `to/${head}`;
}
