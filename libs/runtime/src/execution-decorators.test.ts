/** What only decorators say, in a run. The examples in both spellings are run with the examples. */
import { definitionOf } from "@openvibe/core";
import { conditional, node, operator, workflow } from "@openvibe/sdk/decorators";
import { describe, expect, test } from "vitest";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

@operator({ id: "ops", name: "Ops" })
class Ops {
  count = 0;
  told = "";

  @workflow({ id: "choose" })
  static Choose = class {
    @conditional<Ops>({ routes: { many: (s) => s.count > 10, some: { when: (s) => s.count > 5, steps: ["pause", "tell"] } } })
    decide(state: Ops) {
      return { count: state.count + 1 };
    }

    @node
    many() {
      return { told: "many" };
    }

    @node
    pause() {
      return { waitDuration: 1, told: "paused" };
    }

    @node
    tell(state: Ops) {
      return { told: `${state.told}, then some` };
    }

    @node
    close(state: Ops) {
      return { count: state.count * 2 };
    }
  };
}
const ops = definitionOf(Ops);

describe.each(FORMS)("in the form %s", (form) => {
  test.each([
    ["a route's method, and then the next step", 20, { count: 42, told: "many" }],
    ["a route's methods in their order, one of which lets time pass", 6, { count: 14, told: "paused, then some" }],
  ])("%s", async (_, count, output) => {
    await using world = openWorld({ form });
    await world.start([ops]);
    const runId = await world.accept(ops, "choose", { count });
    if (count === 6) {
      expect((await world.waiting(runId)).interrupt).toMatchObject({ kind: "timer", node_id: "pause" });
      await until(async () => expect(await world.wakeDue()).toBe(1));
    }

    expect(await world.ended(runId)).toMatchObject({ status: "completed", output });
  });

  test("none of whose routes holds: the run fails with the values that were looked at", async () => {
    await using world = openWorld({ form });
    await world.start([ops]);

    const { status, error } = await world.ended(await world.accept(ops, "choose", { count: 2 }));

    expect([status, error]).toEqual([
      "failed",
      {
        code: "OV_ROUTE_UNKNOWN",
        message: "class Ops, static Choose, method decide: none of its routes many, some holds for count=3, told (0 characters)",
        node_id: "decide",
      },
    ]);
  });
});
