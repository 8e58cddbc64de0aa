/** What whoever listens hears of a run while it happens. Nothing of it is stored. */

import { setTimeout as sleep } from "node:timers/promises";
import type { LiveEvent } from "@openvibe/core";
import { OpenVibeError } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openWorld, until, type WorldOptions } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default("") });
const definition = operator("shop", {
  name: "Shop",
  workflows: [
    workflow("w", { state: State })
      .node("quick", () => ({}))
      .node("one", () => sleep(40).then(() => ({})))
      .llm("two", { model: "haiku", user: "?", output: "note" }),
  ],
});

async function heard(script: NonNullable<WorldOptions["script"]>): Promise<readonly LiveEvent[]> {
  await using world = openWorld({ script });
  const live: LiveEvent[] = [];
  using _listening = await world.bus.signals.onLive({ operatorId: "shop" }, (event) => void live.push(event));
  await world.start([definition]);
  const runId = await world.accept(definition, "w");
  await world.told(runId);
  await until(() => expect(live.at(-1)?.type).toBe("llm.delta"));
  expect(new Set(live.map((event) => event.runId))).toEqual(new Set([runId]));
  return live;
}

describe("live events", () => {
  test("tell which node takes a while and what the model says, numbered without gaps", async () => {
    const live = await heard(() => "hello");

    expect(live.map(({ type, nodeId, number, attempt, data }) => [number, attempt, type, nodeId, data])).toEqual([
      [0, 1, "node.started", "one", { kind: "node" }],
      [1, 1, "node.started", "two", { kind: "llm" }],
      [2, 1, "llm.delta", "two", { text: "hello" }],
    ]);
  });

  test("tell a retry, so that a listener can drop what the failed attempt said", async () => {
    let failures = 1;
    const live = await heard(() => {
      if (failures-- > 0) throw new OpenVibeError("OV_LLM_UNAVAILABLE", "busy", { retryAfterMs: 1 });
      return "hello";
    });

    expect(live.map(({ type, number }) => [number, type])).toEqual([
      [0, "node.started"],
      [1, "node.started"],
      [2, "node.retrying"],
      [3, "llm.delta"],
    ]);
    expect(live[2]).toMatchObject({ nodeId: "two", data: { attempt: 1, error: "busy", delay_ms: expect.any(Number) } });
  });
});
