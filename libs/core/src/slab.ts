/**
 * Keeps objects that come and go, in numbered slots which are overwritten (a slab, as in Rust's crate `slab`).
 *
 * For what is kept long itself and holds much that lives shortly. A `Map` or `Set` is copied anew after so many comings and goings, and V8 links each old copy to
 * its successor (for iterators that are under way). Once one of them has grown old, the scavenger takes everything that all later ones held for alive, until the
 * next full collection: with runs hung on them, a collection of the young took ten times as long.
 */
export class Slab<T extends object> implements Iterable<T> {
  readonly #slots: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  /** Gives the number to `get` and `delete` it by; after that it is another's. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = item;
    return slot;
  }

  get(slot: number): T | undefined {
    return this.#slots[slot];
  }

  delete(slot: number): void {
    if (this.#slots[slot] === undefined) return;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
  }

  /** In no order. What comes while it is walked through may be left out. */
  [Symbol.iterator](): Iterator<T> {
    return this.#slots.filter((item) => item !== undefined).values();
  }
}

/** A slab whose objects are found by a name: the names alone lie in a map. */
export class SlabMap<T extends object> {
  readonly #slots = new Map<string, number>();
  readonly #items = new Slab<T>();

  get size(): number {
    return this.#items.size;
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  get(name: string): T | undefined {
    const slot = this.#slots.get(name);
    return slot === undefined ? undefined : this.#items.get(slot);
  }

  set(name: string, item: T): void {
    this.delete(name);
    this.#slots.set(name, this.#items.add(item));
  }

  delete(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#items.delete(slot);
  }

  clear(): void {
    for (const name of [...this.#slots.keys()]) this.delete(name);
  }

  /** In the order in which the names came, as they are now. */
  entries(): readonly (readonly [name: string, item: T])[] {
    return [...this.#slots.keys()].flatMap((name) => {
      const item = this.get(name);
      return item === undefined ? [] : [[name, item] as const];
    });
  }

  values(): readonly T[] {
    return this.entries().map(([, item]) => item);
  }
}
