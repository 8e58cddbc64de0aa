import type { CheckpointPendingWrite, CheckpointTuple } from "@langchain/langgraph-checkpoint";
import { describe, expect, test } from "vitest";
import { findPendingInterrupts } from "./pending-interrupts.ts";

const tuple = (namespace: string, ...pendingWrites: CheckpointPendingWrite[]): CheckpointTuple => ({
  config: { configurable: { thread_id: "t", checkpoint_ns: namespace, checkpoint_id: "1" } },
  checkpoint: { v: 4, id: "1", ts: "", channel_values: {}, channel_versions: {}, versions_seen: {} },
  pendingWrites,
});
const asks = (task: string, ...ids: string[]): CheckpointPendingWrite => [task, "__interrupt__", ids.map((id) => ({ id, value: "?" }))];
const answered = (task: string): CheckpointPendingWrite => [task, "__resume__", ["yes"]];
const wrote = (task: string): CheckpointPendingWrite => [task, "answer", "yes"];

describe("a question is open", () => {
  test.each<[name: string, newest: CheckpointTuple[], open: string[]]>([
    ["where nothing was asked: none", [tuple("")], []],
    ["of a task that waits", [tuple("", asks("a", "q1"))], ["q1"]],
    ["of each task that waits", [tuple("", asks("a", "q1"), asks("b", "q2"))], ["q1", "q2"]],
    ["not of a task that has finished", [tuple("", asks("a", "q1"), answered("a"), wrote("a"), asks("b", "q2"))], ["q2"]],
    ["of a task that was answered before and asks again", [tuple("", answered("a"), asks("a", "q2"))], ["q2"]],
    ["of a nested graph, where both say so", [tuple("", asks("a", "q1")), tuple("outer:a", asks("x", "q1"))], ["q1"]],
    [
      "not, where the nested graph has gone on to another",
      [tuple("", asks("a", "q1")), tuple("outer:a", answered("x"), asks("x", "q2"))],
      [],
    ],
    ["of the node around a nested graph that has ended", [tuple("", asks("a", "q1")), tuple("outer:a", wrote("x"))], ["q1"]],
    [
      "of graphs nested twice, and called twice by one node",
      [
        tuple("", asks("a", "q1", "q2")),
        tuple("outer:a", asks("x", "q1")),
        tuple("outer:a|1", asks("y", "q2")),
        tuple("outer:a|in:x", asks("z", "q1")),
      ],
      ["q1", "q2"],
    ],
    ["of another task's nested graph: does not count", [tuple("", asks("a", "q1")), tuple("outer:b", asks("x", "q2"))], ["q1"]],
  ])("%s", (_, newest, open) => {
    expect([...findPendingInterrupts(newest)].toSorted()).toEqual(open);
  });
});
