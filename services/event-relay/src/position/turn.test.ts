import { expect, test } from "vitest";
import { TOLD_FORM } from "../context/told.ts";
import { type Ground, openMemoryGround } from "../test-rig/relay.ts";
import { LOG_START, takenForm } from "./position-form.ts";
import { Turn } from "./turn.ts";

const FORM = takenForm("work.position");
const at = (position: number) => ({ position, digest: "AAAAAAAA" });
const turnOf = ({ store }: Ground, me: string, takeOverMs = 60_000) => new Turn({ settings: store.settings, form: FORM, me, takeOverMs });

test("who comes first is at it, from the beginning; the others leave it alone as long as the position moves", async () => {
  await using ground = openMemoryGround();
  const [one, other] = [turnOf(ground, "one"), turnOf(ground, "other")];

  expect(await one.take()).toEqual(LOG_START);
  expect(await other.take()).toBeUndefined();
  expect(await one.save(at(4))).toBe(true);
  expect(await one.take()).toEqual(at(4));
  expect(await other.take()).toBeUndefined();
});

test("of two that come at once one has it", async () => {
  await using ground = openMemoryGround();
  const turns = ["one", "other", "third"].map((me) => turnOf(ground, me));

  const taken = await Promise.all(turns.map((turn) => turn.take()));

  expect(taken.filter((value) => value !== undefined)).toHaveLength(1);
});

test("who leaves it gives it to the next one at once, with how far it came", async () => {
  await using ground = openMemoryGround();
  const [one, other] = [turnOf(ground, "one"), turnOf(ground, "other")];
  await one.take();
  await one.leave(at(4));

  expect(await other.take()).toEqual(at(4));
});

test("when it stands still another one takes over, and whoever was at it hears so when it saves", async () => {
  await using ground = openMemoryGround();
  const [one, other] = [turnOf(ground, "one"), turnOf(ground, "other", 20)];
  await one.take();
  await one.save(at(4));

  expect(await other.take()).toBeUndefined();
  await expect.poll(() => other.take(), { interval: 5 }).toEqual(at(4));

  expect(await one.save(at(5))).toBe(false);
  expect(await one.take()).toBeUndefined();
  expect(await other.take()).toEqual(at(4));
});

test("what has no reason to move may stand still", async () => {
  await using ground = openMemoryGround();
  const [one, other] = [turnOf(ground, "one"), turnOf(ground, "other", 0)];
  await one.take();
  await one.save(at(4));
  const logEndsAt = (end: number) => other.take(({ position }) => position < end);

  expect(await logEndsAt(4)).toBeUndefined();
  expect(await logEndsAt(5)).toEqual(at(4));
});

test("one that saves the same is seen to live where the form has a beat", async () => {
  await using ground = openMemoryGround();
  const { settings } = ground.store;
  const turn = new Turn({ settings, form: TOLD_FORM, me: "one", takeOverMs: 60_000 });
  const text = () => settings.get(TOLD_FORM.key);
  await turn.take();
  const first = await text();

  await turn.save(TOLD_FORM.start);

  expect(await text()).not.toBe(first);
  expect(await turn.take()).toEqual(TOLD_FORM.start);
});

test("saving is due at first, and then not at once again", async () => {
  await using ground = openMemoryGround();
  const turn = turnOf(ground, "one");
  await turn.take();

  expect(turn.isSaveDue).toBe(true);
  await turn.save(at(1));

  expect(turn.isSaveDue).toBe(false);
  await expect.poll(() => turn.isSaveDue, { timeout: 2_000 }).toBe(true);
});
