/** What passes while a test skips time: everything at its time, in its order, nothing early. */
import { operator, workflow } from "openvibe";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openTestKit } from "./index.ts";

const DAY_MS = 86_400_000;
const Diary = z.object({
  name: z.string().default(""),
  days: z.number().default(1),
  at: z.array(z.number()).default([]),
  approved: z.boolean().default(false),
});

/** Times are noted as days since the test's beginning. */
function aDiary() {
  const noted: string[] = [];
  let begun = 0;
  const note = (what: string, now: number) => {
    begun ||= now;
    noted.push(`${what} ${Math.round(((now - begun) / DAY_MS) * 1_000) / 1_000}`);
  };
  const nap = workflow("nap", { state: Diary })
    .node("lie_down", (s, ctx) => note(`${s.name} lies down`, ctx.now()))
    .wait("sleep", { until: (s, ctx) => ctx.now() + s.days * DAY_MS })
    .node("get_up", (s, ctx) => note(`${s.name} gets up`, ctx.now()));
  const weeks = workflow("weeks", { state: Diary, durable: { maxDays: 30 } }).loop(
    "days",
    { until: () => false, maxIterations: 100 },
    (day) => day.wait("night", "1d").node("morning", (s, ctx) => note(s.name, ctx.now())),
  );
  const question = workflow("question", { state: Diary })
    .human("ask", { prompt: "?", answer: ["approved"], timeout: "42d", default: { approved: true }, reminder: "40d" })
    .node("note", (s, ctx) => note(`${s.approved}`, ctx.now()));
  let failures = 0;
  const retry = workflow("retry", { state: Diary }).node(
    "call",
    (_s, ctx) => {
      note("call", ctx.now());
      if (failures++ < 2) throw new Error("down");
    },
    { retries: { attempts: 3, backoff: "1d", factor: 2, longest: "7d", jitter: 0 } },
  );
  return { noted, diary: operator("diary", { name: "Diary", workflows: [nap, weeks, question, retry] }) };
}

describe("skipping time", () => {
  test("wakes runs in the order of their times, and what follows from one before the next", async () => {
    const { noted, diary } = aDiary();
    await using kit = await openTestKit({ operators: [diary] });
    for (const [name, days] of [
      ["ann", 3],
      ["bob", 1],
      ["eve", 2],
    ] as const) {
      await kit.start(diary, "nap", { name, days });
      await kit.settled();
    }

    await kit.skip("3d");

    expect(noted).toEqual(["ann lies down 0", "bob lies down 0", "eve lies down 0", "bob gets up 1", "eve gets up 2", "ann gets up 3"]);
  });

  test("wakes nobody early, and adds up", async () => {
    const { noted, diary } = aDiary();
    await using kit = await openTestKit({ operators: [diary] });
    const run = await kit.start(diary, "nap", { name: "ann", days: 42 });

    await kit.skip("41d");
    await kit.skip(DAY_MS - 60_000);
    expect(await run.waiting()).toMatchObject({ interrupt: { node_id: "sleep" } });
    await kit.skip("1m");

    expect(await run.ended()).toMatchObject({ status: "completed" });
    expect(noted).toEqual(["ann lies down 0", "ann gets up 42"]);
  });

  test("goes through every day of a run that waits again and again, to the end of its longest life", async () => {
    const { noted, diary } = aDiary();
    await using kit = await openTestKit({ operators: [diary] });
    const run = await kit.start(diary, "weeks", { name: "day" });

    await kit.skip("50d");

    expect(await run.ended()).toMatchObject({ status: "timed_out", error: { code: "OV_RUN_TIMEOUT" } });
    expect(noted.slice(0, 3)).toEqual(["day 0", "day 1", "day 2"]);
    expect(noted).toHaveLength(29); // on the thirtieth day its life is over first
  });

  test("tells a reminder at its time, and takes the default when the time for an answer is over", async () => {
    const { noted, diary } = aDiary();
    await using kit = await openTestKit({ operators: [diary] });
    const run = await kit.start(diary, "question");
    const begun = kit.now().getTime();

    await kit.skip("42d");

    expect((await run.ended()).output).toEqual({ approved: true });
    expect(noted).toEqual(["true 0"]);
    const asked = (await kit.events("run.waiting")).map(({ time }) => Math.round((Date.parse(time) - begun) / DAY_MS));
    expect(asked).toEqual([0, 40]);
  });

  test("lets the long pauses between attempts pass", async () => {
    const { noted, diary } = aDiary();
    await using kit = await openTestKit({ operators: [diary] });
    const run = await kit.start(diary, "retry");

    await kit.skip("3d");

    expect(await run.ended()).toMatchObject({ status: "completed" });
    expect(noted).toEqual(["call 0", "call 1", "call 3"]);
  });

  test("says what it waits for, and how a span is written", async () => {
    const hang = workflow("hang", { state: Diary }).node(
      "hang",
      (_s, { signal }) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
    );
    const other = operator("other", { name: "Other", workflows: [hang] });
    await using kit = await openTestKit({ operators: [other], timeoutMs: 100 });
    await expect(kit.skip("0d")).rejects.toMatchObject({ code: "OV_DEFINITION_INVALID" });

    const { runId } = await kit.start(other, "hang");

    await expect(kit.skip("1d")).rejects.toMatchObject({
      code: "OV_ASK_TIMEOUT",
      message: `run ${runId} (other.hang) is running after 100 ms, and is waited for`,
    });
  });
});

test("events that a trigger holds back start their run when their time has come", async () => {
  const quiet = workflow("quiet", {
    state: z.object({ n: z.number().default(0) }),
    triggers: { changed: { on: "event:lead.changed", debounce: { wait: "10m", max: "1h" } } },
  }).node("see", () => ({}));
  await using kit = await openTestKit({ operators: [operator("crm", { name: "CRM", workflows: [quiet] })] });

  for (const n of [1, 2]) {
    await kit.publish("lead.changed", { n });
    await kit.skip("9m");
  }
  expect(await kit.runs()).toEqual([]);
  await kit.skip("2m");

  expect(await kit.runs()).toMatchObject([{ status: "completed", input: { n: 2 } }]);
});
