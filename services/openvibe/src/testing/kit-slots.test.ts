/** Runs by the clock in a test that skips time: one for each slot, at its time, on memory and on servers. */
import { operator, workflow } from "openvibe";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { openTestKit, type TestKit } from "./index.ts";

const GROUNDS = {
  memory: "memory",
  "NATS and Postgres": { natsUrl: inject("natsUrl"), databaseUrl: inject("postgresUrl") },
} as const;
const HOUR_MS = 3_600_000;
const Report = z.object({ rested: z.boolean().default(false) });

/** Tells how many hours it is late, and rests for another. */
const report = workflow("report", {
  state: Report,
  triggers: {
    each: { on: "cron:0 */6 * * *", catchUp: "all" },
    newest: "cron:0 */6 * * *",
    none: { on: "cron:0 */6 * * *", catchUp: "none" },
  },
})
  .node("tell", (_s, ctx) => {
    ctx.publish("report.begun", { by: ctx.trigger.id, late: Math.floor((ctx.now() - Date.parse(ctx.tags.slot ?? "")) / HOUR_MS) });
  })
  .wait("rest", "1h")
  .node("get_up", () => ({ rested: true }));
const reports = operator("clocked_reports", { name: "Reports", workflows: [report] });

const slotsOf = async (kit: TestKit, trigger: string) =>
  (await kit.runs()).filter((run) => run.trigger === trigger).map(({ tags }) => Date.parse(tags.slot ?? ""));
/** How many hours late its runs began, the latest first. */
const lateness = async (kit: TestKit, trigger: string) =>
  (await kit.events("report.begun")).flatMap(({ data }) => (data.by === trigger ? [Number(data.late)] : [])).toSorted((a, b) => b - a);
/** The next slots, as the clock stands. */
function slotsAfter(now: Date, count: number): readonly number[] {
  const first = (Math.floor(now.getTime() / (6 * HOUR_MS)) + 1) * 6 * HOUR_MS;
  return Array.from({ length: count }, (_, n) => first + n * 6 * HOUR_MS);
}

describe.each(Object.entries(GROUNDS))("on %s", (_name, on) => {
  test("a day that is skipped has each slot's run, one, at its time, whatever the trigger makes of missed ones", async () => {
    await using kit = await openTestKit({ operators: [reports], on });
    const slots = slotsAfter(kit.now(), 5);

    await kit.skip("25h");
    await kit.skip("1h");

    const passed = slots.filter((slot) => slot <= kit.now().getTime());
    expect(passed.length).toBeGreaterThanOrEqual(4);
    for (const trigger of ["each", "newest", "none"]) {
      expect(await slotsOf(kit, trigger)).toEqual(passed);
      expect(await lateness(kit, trigger)).toEqual(passed.map(() => 0));
    }
    const old = (await kit.runs()).filter(({ tags }) => Date.parse(tags.slot ?? "") < kit.now().getTime() - 2 * HOUR_MS);
    expect(new Set(old.map(({ status, output }) => `${status} ${output.rested}`))).toEqual(new Set(["completed true"]));
  });

  test("a day on which nobody was there is made good at its end, as the trigger's catchUp says", async () => {
    await using kit = await openTestKit({ operators: [reports], on });
    const slots = slotsAfter(kit.now(), 4);

    await kit.skip("23h", { down: true });

    const passed = slots.filter((slot) => slot <= kit.now().getTime());
    expect(await slotsOf(kit, "each")).toEqual(passed);
    expect(await slotsOf(kit, "newest")).toEqual(passed.slice(-1));
    expect(await lateness(kit, "each")).toEqual(passed.map((slot) => Math.floor((kit.now().getTime() - slot) / HOUR_MS)));
    expect((await slotsOf(kit, "none")).length).toBeLessThanOrEqual(1); // one that came within the last minute
    await kit.skip("6h");
    expect(await slotsOf(kit, "newest")).toHaveLength(2);
  });
});

test("a slot comes when time is skipped, and not by itself", async () => {
  const often = workflow("often", { state: Report, trigger: "cron:* * * * *" }).node("note", () => {});
  await using kit = await openTestKit({ operators: [operator("often", { name: "Often", workflows: [often] })] });

  await kit.settled();
  expect(await kit.runs()).toEqual([]);
  await kit.skip("1h");

  const slots = (await kit.runs()).map(({ tags }) => Date.parse(tags.slot ?? ""));
  expect(slots.length).toBeGreaterThanOrEqual(60);
  expect(slots).toEqual(slots.map((_, n) => (slots[0] ?? 0) + n * 60_000));
});
