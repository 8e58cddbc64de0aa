import { TERMINAL_EVENT_TYPES } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { LoggedEvent } from "../event-log.ts";
import { all, anEvent, eventually, first, freshOperatorId, freshRunId, thrownBy } from "./support.ts";
import { type BusUnderTest, openBus } from "./world.ts";

const never = new AbortController().signal;

export function eventLogContract(under: BusUnderTest): void {
  describe(`${under.name} keeps the promises of EventLog`, () => {
    test("an event comes back as it was appended", async () => {
      await using place = await openBus(under);
      const event = {
        ...anEvent({ type: "lead.qualified", data: { text: 'Zoë said "100 %"\r\n\u0000\ud83d\ude00', list: [1, null, { a: true }] } }),
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      };

      expect(await place.bus.log.append(event)).toBe("stored");

      expect((await place.bus.log.lastOf(event.runId ?? ""))?.event).toEqual(event);
    });

    test("an event that only refers to its data comes back so", async () => {
      await using place = await openBus(under);
      const event = { ...anEvent({ data: {} }), dataref: "/v1/operators/contract/runs/run_a/events/0/data" };

      await place.bus.log.append(event);

      expect((await place.bus.log.lastOf(event.runId ?? ""))?.event).toEqual(event);
    });

    test("an event without run, operator or node comes back with none, and with whatever characters its id has", async () => {
      await using place = await openBus(under);
      const bare = { operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null };
      const event = { ...anEvent(), ...bare, id: `context-ü/% "x" ${freshRunId()}`, type: "context.updated" };
      const { last } = await place.bus.log.bounds();

      await place.bus.log.append(event);
      const read = await all(place.bus.log.read(last, { types: ["context.updated"] }, never));

      expect(read.map((logged) => logged.event)).toContainEqual(event);
    });

    test("an event from outside comes back with the name of who sent it", async () => {
      await using place = await openBus(under);
      const nobody = { operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null };
      const event = { ...anEvent(), ...nobody, id: `ev_${freshRunId()}`, type: "lead.replied", source: "https://crm.example/ü?a=%20b" };
      const { last } = await place.bus.log.bounds();

      await place.bus.log.append(event);
      const read = await all(place.bus.log.read(last, { types: ["lead.replied"] }, never));

      expect(read.map((logged) => logged.event)).toContainEqual(event);
    });

    test("what one caller appends without waiting is stored in that order", async () => {
      await using place = await openBus(under);
      const runId = freshRunId();
      const events = Array.from({ length: 500 }, (_, sequence) => anEvent({ runId, sequence }));

      const answers = await Promise.all(events.map((event) => place.bus.log.append(event)));
      const read = await all(place.bus.log.read(0, { runId }, never));

      expect(new Set(answers)).toEqual(new Set(["stored"]));
      expect(read.map(({ event }) => event.sequence)).toEqual(events.map(({ sequence }) => sequence));
      expect(positions(read)).toEqual(positions(read).toSorted((a, b) => a - b));
    });

    test.each(TERMINAL_EVENT_TYPES)("%s is stored once, however often and however much at once it is appended", async (type) => {
      await using place = await openBus(under);
      const event = anEvent({ type, sequence: 3 });

      const answers = await Promise.all(Array.from({ length: 20 }, () => place.bus.log.append(event)));
      answers.push(await place.bus.log.append(event));

      expect(answers.filter((answer) => answer === "stored")).toHaveLength(1);
      expect(answers.filter((answer) => answer === "already_there")).toHaveLength(20);
      expect(await all(place.bus.log.read(0, { runId: event.runId ?? "" }, never))).toHaveLength(1);
    });

    test("a terminal event is stored once also when its repeat has another id", async () => {
      await using place = await openBus(under);
      const event = anEvent({ type: "run.completed", sequence: 3 });
      await place.bus.log.append(event);

      expect(await place.bus.log.append({ ...event, id: `${event.runId}:4`, sequence: 4 })).toBe("already_there");
    });

    test("the terminal event of one run is no hindrance to another's", async () => {
      await using place = await openBus(under);

      const answers = await Promise.all([1, 2, 3].map(() => place.bus.log.append(anEvent({ type: "run.failed" }))));

      expect(answers).toEqual(["stored", "stored", "stored"]);
    });

    test("lastOf gives the newest event of that run, and nothing for a run without any", async () => {
      await using place = await openBus(under);
      const runId = freshRunId();
      for (const sequence of [0, 1, 2])
        await place.bus.log.append(anEvent({ runId, sequence, type: sequence === 2 ? "run.waiting" : "node.completed" }));
      await place.bus.log.append(anEvent());

      expect((await place.bus.log.lastOf(runId))?.event).toMatchObject({ runId, sequence: 2 });
      expect(await place.bus.log.lastOf(freshRunId())).toBeUndefined();
    });

    test("at gives the event of a position, and nothing where there is none", async () => {
      await using place = await openBus(under);
      const event = anEvent();
      await place.bus.log.append(event);
      const logged = await place.bus.log.lastOf(event.runId ?? "");

      expect(await place.bus.log.at(logged?.position ?? 0)).toEqual(logged);
      expect(await place.bus.log.at(0)).toBeUndefined();
      expect(await place.bus.log.at(2 ** 40)).toBeUndefined();
    });

    test("bounds hold the oldest and the newest position", async () => {
      await using place = await openBus(under);
      const event = anEvent();
      await place.bus.log.append(event);
      const logged = await place.bus.log.lastOf(event.runId ?? "");

      const { first: oldest, last } = await place.bus.log.bounds();

      expect(logged?.position).toBeGreaterThanOrEqual(oldest);
      expect(logged?.position).toBeLessThanOrEqual(last);
    });

    describe("reading", () => {
      const [alpha, beta] = [freshOperatorId(), freshOperatorId()];
      const [one, two] = [freshRunId(), freshRunId()];
      const events = [
        anEvent({ operatorId: alpha, runId: one, sequence: 0, type: "run.started" }),
        anEvent({ operatorId: alpha, runId: one, sequence: 1, type: "lead.qualified" }),
        anEvent({ operatorId: beta, runId: two, sequence: 0, type: "run.started" }),
        anEvent({ operatorId: alpha, runId: one, sequence: 2, type: "lead_qualified" }),
        anEvent({ operatorId: beta, runId: two, sequence: 1, type: "lead.qualified" }),
        anEvent({ operatorId: alpha, runId: one, sequence: 3, type: "run.completed" }),
      ];
      const ids = (...indexes: number[]) => indexes.map((index) => events[index]?.id);

      test.each([
        { name: "one operator", filter: { operatorId: alpha }, expected: ids(0, 1, 3, 5) },
        { name: "one run", filter: { runId: two }, expected: ids(2, 4) },
        { name: "one type of one operator", filter: { operatorId: beta, types: ["run.started"] }, expected: ids(2) },
        {
          name: "one type of one run, not one whose name looks alike",
          filter: { runId: one, types: ["lead.qualified"] },
          expected: ids(1),
        },
        { name: "several types", filter: { runId: one, types: ["run.completed", "lead.qualified", "run.completed"] }, expected: ids(1, 5) },
        {
          name: "several types that share a token",
          filter: { runId: one, types: ["lead.qualified", "lead_qualified"] },
          expected: ids(1, 3),
        },
        { name: "a type that never was", filter: { runId: one, types: ["never.was"] }, expected: [] },
        { name: "no type at all", filter: { runId: one, types: [] }, expected: [] },
        { name: "an operator and a run that do not belong together", filter: { operatorId: beta, runId: one }, expected: [] },
        { name: "a run that never was", filter: { runId: freshRunId() }, expected: [] },
      ])("gives the events of $name, oldest first, and ends", async ({ filter, expected }) => {
        await using place = await openBus(under);
        await Promise.all(events.map((event) => place.bus.log.append(event)));

        const read = await all(place.bus.log.read(0, filter, never));

        // A world that lasts holds what the other cases appended as well, in the same order.
        expect([...new Set(read.map(({ event }) => event.id))]).toEqual(expected);
      });

      test("without a filter it gives everything after the position", async () => {
        await using place = await openBus(under);
        const { last } = await place.bus.log.bounds();
        const runId = freshRunId();
        for (const sequence of [0, 1, 2]) await place.bus.log.append(anEvent({ runId, sequence }));

        const read = await all(place.bus.log.read(last, {}, never));

        expect(read.filter(({ event }) => event.runId === runId).map(({ event }) => event.sequence)).toEqual([0, 1, 2]);
        expect(read.every(({ position }) => position > last)).toBe(true);
      });

      test("it goes on after a position", async () => {
        await using place = await openBus(under);
        const runId = freshRunId();
        for (const sequence of [0, 1, 2, 3]) await place.bus.log.append(anEvent({ runId, sequence }));
        const [, second] = await all(place.bus.log.read(0, { runId }, never));

        const rest = await all(place.bus.log.read(second?.position ?? 0, { runId }, never));

        expect(rest.map(({ event }) => event.sequence)).toEqual([2, 3]);
      });

      test("after the end, or beyond it, there is nothing, and it ends", async () => {
        await using place = await openBus(under);
        await place.bus.log.append(anEvent());
        const { last } = await place.bus.log.bounds();

        expect((await all(place.bus.log.read(last + 1_000_000, {}, never))).length).toBe(0);
        expect((await all(place.bus.log.read(last, { runId: freshRunId() }, never))).length).toBe(0);
      });

      test("it ends at the end that the log had when it was called", async () => {
        await using place = await openBus(under);
        const runId = freshRunId();
        const events = Array.from({ length: 600 }, (_, sequence) => anEvent({ runId, sequence }));
        await Promise.all(events.map((event) => place.bus.log.append(event)));

        const seen: (number | null)[] = [];
        for await (const { event } of place.bus.log.read(0, { runId }, never))
          if (seen.push(event.sequence) === 1) await place.bus.log.append(anEvent({ runId, sequence: events.length }));

        expect(seen).toEqual(events.map(({ sequence }) => sequence));
      });

      test("it passes over more than a page", async () => {
        await using place = await openBus(under);
        const runId = freshRunId();
        await Promise.all(Array.from({ length: 1_234 }, (_, sequence) => place.bus.log.append(anEvent({ runId, sequence }))));

        const read = await all(place.bus.log.read(0, { runId }, never));

        expect(read.map(({ event }) => event.sequence)).toEqual(Array.from({ length: 1_234 }, (_, sequence) => sequence));
      });

      test("aborting ends it", async () => {
        await using place = await openBus(under);
        const runId = freshRunId();
        await Promise.all(Array.from({ length: 600 }, (_, sequence) => place.bus.log.append(anEvent({ runId, sequence }))));
        const stop = new AbortController();

        let seen = 0;
        for await (const _ of place.bus.log.read(0, { runId }, stop.signal)) if (++seen === 3) stop.abort();

        expect(seen).toBe(3);
      });

      test("a reader may leave before the end", async () => {
        await using place = await openBus(under);
        const runId = freshRunId();
        await Promise.all(Array.from({ length: 20 }, (_, sequence) => place.bus.log.append(anEvent({ runId, sequence }))));

        const some = await first(place.bus.log.read(0, { runId }, never), 2);

        expect(some.map(({ event }) => event.sequence)).toEqual([0, 1]);
      });
    });

    test("a listener hears every event as it is stored, at positions without a gap", async () => {
      await using place = await openBus(under);
      const heard: LoggedEvent[] = [];
      using _listening = await place.bus.log.listen((logged) => heard.push(logged));
      const runId = freshRunId();
      const events = Array.from({ length: 50 }, (_, sequence) => anEvent({ runId, sequence }));
      const end = anEvent({ runId, sequence: 50, type: "run.completed" });

      await Promise.all([...events, end, end].map((event) => place.bus.log.append(event)));
      await eventually(() => heard.some(({ event }) => event.type === "run.completed" && event.runId === runId), "the last event is heard");

      expect(heard.filter(({ event }) => event.runId === runId).map(({ event }) => event)).toEqual([...events, end]);
      expect(positions(heard).every((position, index) => index === 0 || position === (positions(heard)[index - 1] ?? 0) + 1)).toBe(true);
      expect(await place.bus.log.at(heard[0]?.position ?? 0)).toEqual(heard[0]);
    });

    test("a listener that was disposed hears nothing more, one that throws disturbs nobody", async () => {
      await using place = await openBus(under);
      const heard: LoggedEvent[] = [];
      const gone = await place.bus.log.listen(() => heard.push({ position: -1, event: anEvent() }));
      using _throwing = await place.bus.log.listen(() => {
        throw new Error("broken listener");
      });
      using _listening = await place.bus.log.listen((logged) => heard.push(logged));
      gone[Symbol.dispose]();
      const event = anEvent();

      expect(await place.bus.log.append(event)).toBe("stored");
      await eventually(() => heard.some((logged) => logged.event.id === event.id), "the event is heard");

      expect(heard.filter(({ position }) => position === -1)).toEqual([]);
    });

    test("the log outlives the bus that appended", async () => {
      await using world = await under.openWorld();
      const event = anEvent({ type: "run.completed", sequence: 2_000 });
      await using appending = await world.open();
      const earlier = Array.from({ length: 2_000 }, (_, sequence) => appending.log.append(anEvent({ runId: event.runId ?? "", sequence })));
      const answer = appending.log.append(event);
      await appending[Symbol.asyncDispose]();

      await using reading = await world.open();

      expect(new Set(await Promise.all(earlier))).toEqual(new Set(["stored"]));
      expect(await answer).toBe("stored");
      expect((await reading.log.lastOf(event.runId ?? ""))?.event).toEqual(event);
      expect(await reading.log.append(event)).toBe("already_there");
    });

    test("an event too large for any bus is refused", async () => {
      await using place = await openBus(under);

      const error = await thrownBy(() => place.bus.log.append(anEvent({ data: { text: "x".repeat(1_000_001) } })));

      expect(error).toMatchObject({ code: "OV_BODY_TOO_LARGE" });
    });

    test("a bus that was disposed appends nothing, and says so", async () => {
      await using place = await openBus(under);
      await place.bus[Symbol.asyncDispose]();

      expect(await thrownBy(() => place.bus.log.append(anEvent()))).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
      expect(await thrownBy(() => place.bus.log.bounds())).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
    });
  });
}

function positions(logged: readonly LoggedEvent[]): number[] {
  return logged.map(({ position }) => position);
}
