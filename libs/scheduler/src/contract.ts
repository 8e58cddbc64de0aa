import {
  type Clock,
  cronOrigin,
  type Logger,
  manifestVersion,
  newRunId,
  OpenVibeError,
  type OperatorManifest,
  type Run,
  silentLogger,
  toIso,
} from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { describe, expect, test } from "vitest";
import type { Scheduler, Slot, SlotObserver, StartSlot } from "./scheduler.ts";

export interface SchedulerUnderTest {
  readonly name: string;
  /** Whether it starts anything at all. */
  readonly fires: boolean;
  openStore(): Promise<Store>;
  open(deps: {
    readonly store: Store;
    readonly start: StartSlot;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly observer?: SlotObserver;
  }): Scheduler;
}

export const NOON = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An operator with one workflow that these triggers start. */
export function anOperator(
  id: string,
  triggers: Readonly<Record<string, string | { on: string; catch_up: "none" | "all" }>>,
): OperatorManifest {
  const named = Object.entries(triggers).map(([trigger, given]) => ({
    id: trigger,
    ...(typeof given === "string" ? { on: given } : given),
  }));
  return {
    id,
    name: id,
    answers: {},
    workflows: [{ id: "work", triggers: named, state_fields: [], input_schema: { type: "object" }, steps: [] }],
  };
}

export async function register(store: Store, ...manifests: readonly OperatorManifest[]): Promise<void> {
  for (const manifest of manifests) await store.manifests.register(manifest, manifestVersion(manifest));
}

/** As an acceptor does: the insert is the claim on the slot. */
export function startIn(store: Store, clock: Clock): StartSlot {
  return async ({ operatorId, triggerId, at }) => {
    const { run, inserted } = await store.runs.insert({
      runId: newRunId(clock.now()),
      operatorId,
      workflowId: "work",
      trigger: triggerId,
      definition: "0123456789abcdef",
      input: {},
      ignoredInput: [],
      tags: { slot: toIso(at) },
      origin: cronOrigin(operatorId, triggerId, at),
      event: { type: "run.queued", time: toIso(clock.now()), data: {} },
    });
    return { runId: run.runId, isNew: inserted };
  };
}

/** `sales.nightly 2026-11-22T12:00` of every run there is, by trigger and slot. */
export async function slotsOf(store: Store): Promise<readonly string[]> {
  const runs: Run[] = [];
  for (;;) {
    const last = runs.at(-1);
    const page = await store.runs.list({}, { limit: 200, ...(last === undefined ? {} : { before: last }) });
    runs.push(...page);
    if (page.length < 200) break;
  }
  return runs.map(({ operatorId, trigger, tags }) => `${operatorId}.${trigger} ${tags.slot?.slice(0, 16)}`).sort();
}

/** What every scheduler promises, as tests. */
export function schedulerContract({ name, fires, openStore, open }: SchedulerUnderTest): void {
  const openWorld = async () => {
    const store = await openStore();
    let now = NOON + 1_000;
    const clock = { now: () => now };
    const refused = new Map<string, OpenVibeError>();
    const asked: Slot[] = [];
    const insert = startIn(store, clock);
    const start: StartSlot = async (slot) => {
      asked.push(slot);
      const error = refused.get(slot.operatorId);
      if (error !== undefined) throw error;
      return await insert(slot);
    };
    const passed: Record<string, number> = {};
    const observer: SlotObserver = {
      slotsPassed({ operatorId, triggerId, outcome, count }) {
        const key = `${operatorId}.${triggerId} ${outcome}`;
        passed[key] = (passed[key] ?? 0) + count;
      },
    };
    const openScheduler = () => open({ store, start, clock, logger: silentLogger, observer });
    let scheduler = openScheduler();
    return {
      store,
      refused,
      asked,
      passed,
      /** Nobody looks for so long, and then several do at once. */
      async beDownAndLookAtOnce(ms: number, several: number) {
        await scheduler[Symbol.asyncDispose]();
        now += ms;
        await Promise.all(Array.from({ length: several }, () => openScheduler().look()));
        scheduler = openScheduler();
      },
      start: insert,
      /** Looks once a second until so much time is over. */
      async pass(ms: number) {
        for (const end = now + ms; now < end; ) {
          now = Math.min(end, now + (ms > 10 * MINUTE ? 10_000 : 1_000));
          await scheduler.look();
        }
      },
      look: () => scheduler.look(),
      /** Nobody looks for so long, and then a new process does. */
      async beDownFor(ms: number) {
        await scheduler[Symbol.asyncDispose]();
        now += ms;
        scheduler = openScheduler();
        await scheduler.look();
      },
      slots: () => slotsOf(store),
      at: () => now,
      [Symbol.asyncDispose]: async () => {
        await scheduler[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  };

  describe(`${name} keeps the promises of Scheduler`, () => {
    test("a slot starts its run when it comes and not before; a new trigger starts none for the past", async () => {
      await using world = await openWorld();
      await register(world.store, anOperator("sales", { often: "cron:*/5 * * * *", asked: "on_demand", heard: "event:lead.new" }));

      await world.look();
      await world.pass(4 * MINUTE);
      expect(await world.slots()).toEqual([]);

      await world.pass(7 * MINUTE);
      expect(await world.slots()).toEqual(fires ? ["sales.often 2026-11-22T12:05", "sales.often 2026-11-22T12:10"] : []);
    });

    test("disposed of twice it is gone once", async () => {
      await using world = await openWorld();
      const scheduler = open({ store: world.store, start: world.start, clock: { now: () => NOON }, logger: silentLogger });

      await scheduler[Symbol.asyncDispose]();
      await scheduler[Symbol.asyncDispose]();
    });
  });

  if (fires)
    describe(`${name} starts runs by the clock`, () => {
      test("a trigger is followed within seconds, and one that is gone starts nothing any more, nor when it comes back", async () => {
        await using world = await openWorld();
        await world.look();
        await register(world.store, anOperator("sales", { often: "cron:* * * * *" }));
        await world.pass(3 * MINUTE);
        await register(world.store, anOperator("sales", {}));
        await world.pass(3 * MINUTE);
        expect(await world.store.schedules.list()).toEqual([]);

        await register(world.store, anOperator("sales", { often: "cron:* * * * * Europe/Berlin" }));
        await world.pass(MINUTE);

        expect(await world.slots()).toEqual(["01", "02", "03", "07"].map((minute) => `sales.often 2026-11-22T12:${minute}`));
      });

      test("a trigger with other times is another schedule", async () => {
        await using world = await openWorld();
        await register(world.store, anOperator("sales", { often: "cron:0 * * * *" }));
        await world.look();
        await world.pass(30 * MINUTE);

        await register(world.store, anOperator("sales", { often: "cron:5,35 * * * *" }));
        await world.pass(HOUR);

        expect(await world.slots()).toEqual(["sales.often 2026-11-22T12:35", "sales.often 2026-11-22T13:05"]);
      });

      test("a slot whose run was made by a process that died before it said so has that run", async () => {
        await using world = await openWorld();
        await register(world.store, anOperator("sales", { often: "cron:*/5 * * * *" }));
        await world.look();
        const { runId } = await world.start({ operatorId: "sales", triggerId: "often", at: NOON + 5 * MINUTE });

        await world.pass(6 * MINUTE);

        expect(await world.slots()).toHaveLength(1);
        expect(await world.store.schedules.list()).toMatchObject([{ lastSlot: NOON + 5 * MINUTE, lastRunId: runId }]);
      });

      test("what is settled is not asked for again, by another process either", async () => {
        await using world = await openWorld();
        await register(world.store, anOperator("sales", { often: "cron:*/5 * * * *" }));
        await world.look();
        await world.pass(6 * MINUTE);
        await world.beDownFor(0);
        await world.pass(MINUTE);

        expect(world.asked).toHaveLength(1);
      });

      test("after downtime the last missed slot starts a run, or none, or each, as the trigger says", async () => {
        await using world = await openWorld();
        const hourly = "cron:0 * * * *";
        const of = (catch_up: "none" | "all") => ({ on: hourly, catch_up });
        await register(world.store, anOperator("sales", { last: hourly, none: of("none"), all: of("all") }));
        await world.look();

        await world.beDownFor(3.5 * HOUR);

        expect(await world.slots()).toEqual([
          "sales.all 2026-11-22T13:00",
          "sales.all 2026-11-22T14:00",
          "sales.all 2026-11-22T15:00",
          "sales.last 2026-11-22T15:00",
        ]);
        await world.beDownFor(0.5 * HOUR); // at 16:00:01
        expect((await world.slots()).filter((slot) => slot.endsWith("16:00"))).toHaveLength(3);
      });

      test("what became of each slot is told once, however many look", async () => {
        await using world = await openWorld();
        const hourly = "cron:0 * * * *";
        await register(
          world.store,
          anOperator("sales", { last: hourly, none: { on: hourly, catch_up: "none" } }),
          anOperator("busy", { last: hourly }),
          anOperator("wrong", { last: hourly }),
        );
        world.refused.set("busy", new OpenVibeError("OV_BACKLOG_FULL", "full"));
        world.refused.set("wrong", new OpenVibeError("OV_INPUT_INVALID", "wrong"));
        await world.look();

        await world.beDownAndLookAtOnce(3.5 * HOUR, 3);
        expect(world.passed).toEqual({
          "sales.last started": 1,
          "sales.last missed": 2,
          "sales.none missed": 3,
          "wrong.last missed": 2,
          "wrong.last refused": 1,
        });

        world.refused.delete("busy");
        await world.beDownFor(1_000);
        expect(world.passed).toMatchObject({ "busy.last started": 1, "busy.last missed": 2 });
      });

      test("a short interruption misses nothing", async () => {
        await using world = await openWorld();
        await register(world.store, anOperator("sales", { often: { on: "cron:* * * * *", catch_up: "none" } }));
        await world.look();

        await world.beDownFor(59_500 + 58_000); // two slots ago: 12:01 is 57.5 s old, 12:02 has not come

        expect(await world.slots()).toEqual(["sales.often 2026-11-22T12:01"]);
      });

      test("after days at most a day is made good, and at most a hundred runs a trigger", async () => {
        await using world = await openWorld();
        await register(
          world.store,
          anOperator("sales", {
            weekly: "cron:0 0 * * 1",
            hourly: { on: "cron:30 * * * *", catch_up: "all" },
            often: { on: "cron:* * * * *", catch_up: "all" },
          }),
        );
        await world.look();

        await world.beDownFor(72 * HOUR); // Wednesday noon; the Monday slot is two days old

        const slots = await world.slots();
        const of = (trigger: string) => slots.filter((slot) => slot.startsWith(`sales.${trigger} `));
        expect([of("weekly").length, of("hourly").length, of("often").length]).toEqual([0, 24, 100]);
        expect(of("often").at(-1)).toBe("sales.often 2026-11-25T12:00");
      });

      test("paused it starts nothing, resumed it goes on with the next slot", async () => {
        await using world = await openWorld();
        await register(world.store, anOperator("sales", { often: "cron:* * * * *", other: "cron:*/2 * * * *" }));
        const key = { operatorId: "sales", triggerId: "often", on: "cron:* * * * *" };
        await world.store.schedules.pause({ ...key, at: world.at() });
        await world.look();
        await world.pass(3 * MINUTE);
        await world.store.schedules.resume({ ...key, at: world.at() });
        await world.pass(MINUTE);

        expect(await world.slots()).toEqual([
          "sales.often 2026-11-22T12:04",
          "sales.other 2026-11-22T12:02",
          "sales.other 2026-11-22T12:04",
        ]);
      });

      test("a slot that is refused holds up no other; one that finds too many waiting is asked for until it has its run", async () => {
        await using world = await openWorld();
        const often = { often: "cron:*/5 * * * *" };
        await register(world.store, anOperator("busy", often), anOperator("sales", often), anOperator("wrong", often));
        world.refused.set("busy", new OpenVibeError("OV_BACKLOG_FULL", "full"));
        world.refused.set("wrong", new OpenVibeError("OV_INPUT_INVALID", "wrong"));
        await world.look();
        await world.pass(5 * MINUTE);
        expect(await world.slots()).toEqual(["sales.often 2026-11-22T12:05"]);

        world.refused.clear();
        await world.pass(2_000);

        expect(await world.slots()).toEqual(["busy.often 2026-11-22T12:05", "sales.often 2026-11-22T12:05"]);
      });

      test("an outage of the store is told, and made good", async () => {
        await using world = await openWorld();
        await register(world.store, anOperator("sales", { often: "cron:* * * * *" }));
        await world.look();
        world.refused.set("sales", new OpenVibeError("OV_STORE_UNAVAILABLE", "away"));

        await expect(world.pass(MINUTE)).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
        world.refused.clear();
        await world.look();

        expect(await world.slots()).toEqual(["sales.often 2026-11-22T12:01"]);
      });
    });
}
