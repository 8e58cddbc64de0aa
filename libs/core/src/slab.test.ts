import { expect, test } from "vitest";
import { Slab, SlabMap } from "./slab.ts";

const [a, b, c] = [{ n: "a" }, { n: "b" }, { n: "c" }];

test("a slab keeps what came until it goes, and uses its slots again", () => {
  const slab = new Slab<object>();
  const first = slab.add(a);
  const second = slab.add(b);

  slab.delete(first);
  slab.delete(first); // is gone already
  const third = slab.add(c);

  expect([slab.size, slab.get(second), slab.get(third), third]).toEqual([2, b, c, first]);
  expect(new Set(slab)).toEqual(new Set([b, c]));
});

test("a slab can change while it is walked through", () => {
  const slab = new Slab<object>();
  const slots = [a, b, c].map((item) => slab.add(item));

  const met: object[] = [];
  for (const item of slab) {
    met.push(item);
    if (met.length === 1) for (const slot of slots) slab.delete(slot);
    if (met.length < 10) slab.add({ n: "later" });
  }

  expect(met).toEqual([a, b, c]);
  expect(slab.size).toBe(3);
});

test("a slab map finds by name; a name that comes again takes the place", () => {
  const map = new SlabMap<object>();
  map.set("x", a);
  map.set("y", b);
  map.set("x", c);
  map.delete("nobody");

  expect([map.size, map.get("x"), map.get("y"), map.has("y"), map.get("nobody"), map.has("nobody")]).toEqual([
    2,
    c,
    b,
    true,
    undefined,
    false,
  ]);
  expect(map.entries()).toEqual([
    ["y", b],
    ["x", c],
  ]);
  map.delete("y");
  expect(map.values()).toEqual([c]);
  map.clear();
  expect([map.size, map.values()]).toEqual([0, []]);
});
