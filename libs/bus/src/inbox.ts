import { Fifo } from "./fifo.ts";

/** What somebody else delivers, read as an async iterable by one reader. Holds what was not read yet, without bound. */
export class Inbox<T> implements AsyncIterable<T> {
  readonly #items = new Fifo<T>();
  readonly #onReturn: () => void;
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: unknown;

  /** `onReturn` is called once, when the reader leaves or the inbox ends. */
  constructor(onReturn: () => void = () => {}) {
    this.#onReturn = onReturn;
  }

  push(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** The reader still gets what lies here, then the end, or `failure` thrown. */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#onReturn();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        while (this.#items.size > 0) yield this.#items.shift() as T;
        if (this.#ended) break;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.end();
    }
  }
}
