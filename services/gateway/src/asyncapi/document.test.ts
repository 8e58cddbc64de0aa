import { LIVE_EVENT_TYPES, OWN_EVENT_TYPES, subjects } from "@openvibe/core";
import { expect, test } from "vitest";
import { addressOf, CHANNELS } from "./channels.ts";
import { toAsyncApi } from "./document.ts";
import { LIVE_EVENTS, STORED_EVENTS } from "./event-data.ts";

test("every type that OpenVibe stores or tells live has its data described, and none that it does not", () => {
  expect(Object.keys(STORED_EVENTS).sort()).toEqual([...OWN_EVENT_TYPES].sort());
  expect(Object.keys(LIVE_EVENTS).sort()).toEqual([...LIVE_EVENT_TYPES].sort());
});

test("an address is the subject that programs of ours use, with a name for each part that varies", () => {
  expect(addressOf(CHANNELS.event)).toBe(subjects.event("{operator_id}", "{type}", "{run_id}"));
  expect(addressOf(CHANNELS.activation)).toBe("operators.{operator_id}.activations.main.{kind}.{run_id}.{wake}");
  for (const channel of Object.values(CHANNELS)) expect(addressOf(channel)).not.toContain("*");
});

test("the document has every message once, and every reference leads somewhere", () => {
  const document = toAsyncApi({ title: "t", version: "1" });
  const text = JSON.stringify(document);
  for (const [, pointer = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = pointer.split("/").reduce<unknown>((at, token) => (at as Record<string, unknown> | undefined)?.[token], document);
    expect(found, pointer).toBeDefined();
  }
});
