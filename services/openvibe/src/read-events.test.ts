import { openMemoryBus } from "@openvibe/bus/memory";
import { toEvent } from "@openvibe/core";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { expect, test } from "vitest";
import { eventsOf, whenTold } from "./read-events.ts";

const once = () => ({ again: async () => false });

test("what a run has committed is told when it lies in the log, and read once, however often it was stored", async () => {
  await using store = openSqliteStore({ path: ":memory:" });
  await using bus = openMemoryBus({ database: store.database });
  const event = { type: "run.queued", time: new Date(0).toISOString(), data: {} };
  const given = { runId: "run_1", operatorId: "op", workflowId: "w", trigger: "w", definition: "0123456789abcdef" };
  const { run } = await store.runs.insert({ ...given, input: {}, ignoredInput: [], tags: {}, event });

  await expect(whenTold({ store, bus }, [run], once())).rejects.toMatchObject({ code: "OV_ASK_TIMEOUT" });
  await bus.log.append(toEvent(run, 0, event));
  await bus.log.append(toEvent(run, 0, event));
  await whenTold({ store, bus }, [run], once());

  expect((await eventsOf({ store, bus }, { runId: "run_1" })).map(({ id }) => id)).toEqual(["run_1:0"]);
});
