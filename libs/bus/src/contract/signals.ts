import type { LiveEvent } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { ControlSignal } from "../signals.ts";
import { eventually, freshOperatorId, freshRunId, quietFor } from "./support.ts";
import { type BusUnderTest, openBus } from "./world.ts";

function aControl(fields: Partial<ControlSignal> = {}): ControlSignal {
  return { operatorId: freshOperatorId(), verb: "cancel", runId: freshRunId(), body: { reason: "asked by Zoë" }, ...fields };
}

function aLive(fields: Partial<LiveEvent> = {}): LiveEvent {
  return {
    type: "llm.delta",
    time: "2026-11-22T10:30:00.000Z",
    operatorId: freshOperatorId(),
    workflowId: "flow",
    runId: freshRunId(),
    nodeId: "write",
    attempt: 1,
    number: 0,
    data: { text: "Grüße" },
    ...fields,
  };
}

export function signalsContract(under: BusUnderTest): void {
  describe(`${under.name} keeps the promises of Signals`, () => {
    test("a control signal is heard as it was said, by those whose filter it fits", async () => {
      await using place = await openBus(under);
      const said = aControl();
      const { operatorId, runId } = said;
      const heard: string[] = [];
      const whole: ControlSignal[] = [];
      const on = (name: string, filter: Parameters<typeof place.bus.signals.onControl>[0]) =>
        place.bus.signals.onControl(filter, (signal) => {
          if (signal.runId === runId) heard.push(name);
          if (signal.runId === runId && name === "all") whole.push(signal);
        });
      using _a = await on("all", { verb: "cancel" });
      using _b = await on("operator", { verb: "cancel", operatorId });
      using _c = await on("run", { verb: "cancel", runId });
      using _d = await on("both", { verb: "cancel", operatorId, runId });
      using _e = await on("other verb", { verb: "wake" });
      using _f = await on("other operator", { verb: "cancel", operatorId: freshOperatorId() });
      using _g = await on("other run", { verb: "cancel", operatorId, runId: freshRunId() });

      place.bus.signals.control(said);
      await eventually(() => heard.length >= 4, "four hear it");
      await quietFor(50);

      expect(heard.toSorted()).toEqual(["all", "both", "operator", "run"]);
      expect(whole).toEqual([said]);
    });

    test("live events are heard in order, by those whose filter they fit", async () => {
      await using place = await openBus(under);
      const said = Array.from({ length: 20 }, (_, number) => aLive({ operatorId: "live-op", runId: "live-run", number }));
      const { operatorId, runId } = aLive();
      const mine = said.map((event) => ({ ...event, operatorId, runId }));
      const [all, ofRun, ofOperator, others]: LiveEvent[][] = [[], [], [], []];
      using _a = await place.bus.signals.onLive({}, (event) => event.runId === runId && all?.push(event));
      using _b = await place.bus.signals.onLive({ runId }, (event) => ofRun?.push(event));
      using _c = await place.bus.signals.onLive({ operatorId }, (event) => ofOperator?.push(event));
      using _d = await place.bus.signals.onLive({ operatorId, runId: freshRunId() }, (event) => others?.push(event));

      for (const event of mine) place.bus.signals.live(event);
      await eventually(() => all?.length === 20 && ofRun?.length === 20 && ofOperator?.length === 20, "all hear all");

      expect([all, ofRun, ofOperator, others]).toEqual([mine, mine, mine, []]);
    });

    test("a live event without a node is heard without one", async () => {
      await using place = await openBus(under);
      const said = aLive({ nodeId: null });
      const heard: LiveEvent[] = [];
      using _listening = await place.bus.signals.onLive({ runId: said.runId }, (event) => heard.push(event));

      place.bus.signals.live(said);
      await eventually(() => heard.length === 1, "it is heard");

      expect(heard).toEqual([said]);
    });

    test("who hears is not called while who says is still speaking", async () => {
      await using place = await openBus(under);
      const said = aControl();
      const order: string[] = [];
      using _listening = await place.bus.signals.onControl({ verb: "cancel", runId: said.runId }, () => order.push("heard"));

      place.bus.signals.control(said);
      order.push("said");
      await eventually(() => order.length === 2, "it is heard");

      expect(order).toEqual(["said", "heard"]);
    });

    test("a listener that was disposed hears nothing more, one that throws disturbs nobody", async () => {
      await using place = await openBus(under);
      const said = aControl();
      const filter = { verb: said.verb, runId: said.runId };
      const heard: string[] = [];
      const gone = await place.bus.signals.onControl(filter, () => heard.push("gone"));
      using _throwing = await place.bus.signals.onControl(filter, () => {
        throw new Error("broken listener");
      });
      using _staying = await place.bus.signals.onControl(filter, () => heard.push("staying"));

      gone[Symbol.dispose]();
      place.bus.signals.control(said);
      place.bus.signals.control(said);
      await eventually(() => heard.length >= 2, "it is heard twice");

      expect(heard).toEqual(["staying", "staying"]);
    });

    test("nobody needs to listen", async () => {
      await using place = await openBus(under);

      place.bus.signals.control(aControl());
      place.bus.signals.live(aLive());
      place.bus.signals.heartbeat(freshOperatorId(), { instance: "one" });
      await place.bus.signals.deadLetter({ operatorId: freshOperatorId(), reason: "unknown_run", body: { run_id: freshRunId() } });
      await place.bus.signals.deadLetter({ operatorId: null, reason: "bad_message", body: {} });

      await place.bus.ping(1_000);
    });

    test("after dispose signals and dead letters are let go without a throw", async () => {
      await using place = await openBus(under);
      await place.bus[Symbol.asyncDispose]();
      await place.bus[Symbol.asyncDispose]();

      place.bus.signals.control(aControl());
      place.bus.signals.live(aLive());
      place.bus.signals.heartbeat(freshOperatorId(), {});
      await place.bus.signals.deadLetter({ operatorId: null, reason: "bad_message", body: {} });

      await expect(place.bus.ping(1_000)).rejects.toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
    });

    if (under.features.shared) {
      test("signals reach other processes", async () => {
        await using world = await under.openWorld();
        await using saying = await world.open();
        await using hearing = await world.open();
        const said = aControl({ verb: "wake" });
        const heard: ControlSignal[] = [];
        using _listening = await hearing.signals.onControl({ verb: "wake", runId: said.runId }, (signal) => heard.push(signal));

        saying.signals.control(said);
        await eventually(() => heard.length === 1, "it is heard");

        expect(heard).toEqual([said]);
      });
    }
  });
}
