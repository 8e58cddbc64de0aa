import { expect, test } from "vitest";
import { changed, differences, shownBytes, shownValue, surplus, toText } from "./difference.ts";
import { streamWishes } from "./streams.ts";

const [activations, events] = streamWishes({ replicas: 1 });
if (activations === undefined || events === undefined) throw new Error("two streams at least");

test("a stream as wanted has no difference, also with fields that we do not ask for", () => {
  expect(differences(events, { ...events, max_consumers: 7 })).toEqual([]);
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
  { field: "max_bytes", change: { max_bytes: -1 } },
  { field: "max_age", change: { max_age: 0 } },
  { field: "num_replicas", change: { num_replicas: 3 } },
  { field: "subjects", change: { subjects: [...events.subjects, "other.>"] } },
])("more $field than declared is a surplus, which only force takes away", ({ field, change }) => {
  const found = { ...events, ...change };

  expect(surplus(events, found)).toEqual([expect.objectContaining({ field, narrows: true })]);
  expect(changed(events, found)).toEqual({});
  expect(changed(events, found, { force: true })).toEqual({ [field]: events[field as keyof typeof events] });
});

test("what is exactly as wanted has no surplus", () => {
  expect([...surplus(events, events), ...surplus(activations, activations)]).toEqual([]);
});

test("a queue that would keep more than one message of a subject differs, and bringing it back would narrow it", () => {
  expect(differences(activations, { ...activations, max_msgs_per_subject: 5 })).toEqual([
    { field: "max_msgs_per_subject", found: 5, wanted: 1, changeable: true, narrows: true },
  ]);
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

test.each([activations, events])("a limit where none is wanted is a difference ($name)", (wish) => {
  expect(differences(wish, { ...wish, max_msgs: 1_000 }).map(({ field }) => field)).toEqual(["max_msgs"]);
  expect(differences(wish, { ...wish, max_msg_size: 512 }).map(({ field }) => field)).toEqual(["max_msg_size"]);
});

test.each([
  ["max_age", 7 * 86_400e9, "7d"],
  ["max_age", 0, "unlimited"],
  ["duplicate_window", 90e9, "90s"],
  ["ack_wait", 5e9, "5s"],
  ["max_bytes", 2 * 1024 ** 3, "2 GiB"],
  ["max_bytes", -1, "unlimited"],
  ["num_replicas", 3, "3"],
  ["retention", "limits", '"limits"'],
  ["republish", undefined, "not set"],
])("%s of %s is shown as %s", (field, value, shown) => {
  expect(shownValue(field, value)).toBe(shown);
});

test.each([
  [0, "0 B"],
  [1_536, "1.5 KiB"],
  [268_435_456, "256 MiB"],
])("%d bytes are shown as %s", (bytes, shown) => {
  expect(shownBytes(bytes)).toBe(shown);
});

test("widening asks for what is missing and takes nothing away", () => {
  const found = { ...events, subjects: ["other.>"], max_age: 0, max_bytes: 1 };

  expect(changed(events, found)).toEqual({ subjects: ["other.>", ...events.subjects], max_bytes: events.max_bytes });
});
