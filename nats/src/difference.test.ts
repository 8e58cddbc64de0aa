import { expect, test } from "vitest";
import { differences, toText, widened } from "./difference.ts";
import { streamWishes } from "./streams.ts";

const [activations, events] = streamWishes({ replicas: 1 });
if (activations === undefined || events === undefined) throw new Error("two streams at least");

test("a stream as wanted has no difference, also with fields that we do not ask for", () => {
  expect(differences(events, { ...events, max_msg_size: 7 })).toEqual([]);
});

test.each([
  { name: "more bytes", change: { max_bytes: (events.max_bytes ?? 0) * 2 } },
  { name: "bytes without limit", change: { max_bytes: -1 } },
  { name: "a longer time", change: { max_age: (events.max_age ?? 0) * 2 } },
  { name: "no end of time", change: { max_age: 0 } },
  { name: "more copies", change: { num_replicas: 3 } },
  { name: "a longer window", change: { duplicate_window: 120_000_000_000 } },
  { name: "one more subject", change: { subjects: [...events.subjects, "other.>"] } },
  { name: "another description", change: { description: "ours" } },
])("$name is as good", ({ change }) => {
  expect(differences(events, { ...events, ...change })).toEqual([]);
});

test.each([
  { field: "max_bytes", change: { max_bytes: 1 }, changeable: true },
  { field: "max_age", change: { max_age: 1 }, changeable: true },
  { field: "duplicate_window", change: { duplicate_window: 1 }, changeable: true },
  { field: "subjects", change: { subjects: ["other.>"] }, changeable: true },
  { field: "republish", change: { republish: { src: ">", dest: "x.>" } }, changeable: true },
  { field: "allow_direct", change: { allow_direct: false }, changeable: true },
  { field: "retention", change: { retention: "interest" as const }, changeable: false },
  { field: "storage", change: { storage: "memory" as const }, changeable: false },
])("$field is told by name, with what is found and what is wanted", ({ field, change, changeable }) => {
  const [only, ...others] = differences(events, { ...events, ...change });

  expect(others).toEqual([]);
  expect(only).toMatchObject({ field, changeable });
  expect(toText([...(only === undefined ? [] : [only])])).toContain(`${field} is `);
});

test("a limit where none is wanted is a difference", () => {
  expect(differences(activations, { ...activations, max_msgs: 1_000 }).map(({ field }) => field)).toEqual(["max_msgs"]);
});

test("widening asks for what is missing and takes nothing away", () => {
  const found = { ...events, subjects: ["other.>"], max_age: 0, max_bytes: 1 };

  expect(widened(events, found)).toEqual({ subjects: ["other.>", ...events.subjects], max_bytes: events.max_bytes });
});
