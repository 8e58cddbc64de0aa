import { expect, test } from "vitest";
import { compilePacing } from "./compile-pacing.ts";

const compile = (settings: object, on = "event:lead.changed") => compilePacing(settings, on, "trigger t");

test("how often a trigger starts runs becomes data", () => {
  expect(compile({})).toEqual({});
  expect(compile({ debounce: { wait: "30s", max: "5m", key: "lead.id" } })).toEqual({
    debounce: { wait_ms: 30_000, max_ms: 300_000, key: "lead.id" },
  });
  expect(compile({ batch: { size: 20, wait: "1m" } }, "context:context-leads.*")).toEqual({ batch: { size: 20, wait_ms: 60_000 } });
  expect(compile({ rate: { limit: 5, per: "1h" } })).toEqual({ rate: { limit: 5, per_ms: 3_600_000 } });
  expect(compile({ singleton: "skip" })).toEqual({ singleton: { mode: "skip" } });
  expect(compile({ singleton: { mode: "cancel", key: "id" } })).toEqual({ singleton: { mode: "cancel", key: "id" } });
  expect(compile({ concurrency: 3 })).toEqual({ concurrency: { limit: 3 } });
  expect(compile({ concurrency: { limit: 3, key: "id" } })).toEqual({ concurrency: { limit: 3, key: "id" } });
});

test.each([
  [{ rate: { limit: 1, per: "1s" }, concurrency: 1 }, "rate and concurrency do not go together; a trigger has one of"],
  [{ debounce: { wait: "1s", max: "500ms" } }, "max is shorter than wait"],
  [{ debounce: { wait: "8d" } }, "wait: is longer than 7d"],
  [{ debounce: {} }, "wait: of type undefined is no duration"],
  [{ debounce: "1s" }, "options are missing; allowed are wait, max, key"],
  [{ batch: { size: 1, wait: "1s" } }, "batch, size: 1 is none; allowed is a whole number from 2 to 100"],
  [{ batch: { size: 101, wait: "1s" } }, "allowed is a whole number from 2 to 100"],
  [{ batch: { sizes: 3, wait: "1s" } }, 'there is no option "sizes": did you mean "size"?'],
  [{ rate: { limit: "5", per: "1s" } }, "rate, limit: 5 is none"],
  [{ singleton: "wait" }, "wait is no mode; allowed are skip and cancel"],
  [{ singleton: { mode: "skip", key: (event: unknown) => event } }, "key is a path into the event's data"],
  [{ concurrency: { limit: 1, key: "a..b" } }, "key is a path into the event's data"],
  [{ concurrency: 0 }, "concurrency, limit: 0 is none"],
])("%j is refused", (settings, message) => {
  expect(() => compile(settings)).toThrow(message);
});

test.each(["on_demand", "webhook:crm_lead"])("of requests (%s) there is a rate, and nothing else", (on) => {
  expect(compile({ rate: { limit: 1_000, per: "1m" } }, on)).toEqual({ rate: { limit: 1_000, per_ms: 60_000 } });
  expect(() => compile({ rate: { limit: 1_001, per: "1m" } }, on)).toThrow("allowed is a whole number from 1 to 1000");
  expect(() => compile({ concurrency: 1 }, on)).toThrow(
    "concurrency is for events and changes of context, of requests there is rate; this",
  );
});

test("the clock has none", () => {
  expect(() => compile({ rate: { limit: 1, per: "1m" } }, "cron:0 7 * * *")).toThrow("rate is for events and changes of context; this");
});
