import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LoopLoad } from "./loop-load.ts";

interface Call {
  run(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** What one transaction takes, so that the event loop gets its turn between. */
const MAX_CALLS = 256;
/**
 * So many callers go on in one turn of the event loop that has time to spare. Were it all of a transaction, their runs would stay in step for good: all
 * would wait for each other at every later write. A saturated loop saves work instead: what stays in step shares its transactions.
 */
const ANSWERED_AT_ONCE = 8;

/**
 * Puts the calls of one turn of the event loop into one transaction, and answers them once it is committed. Begins and ends in one go: whoever
 * else uses the connection never meets an open transaction. A call is one statement, so a failed one leaves nothing behind.
 */
export class Turns {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commitAll: StatementSync;
  readonly #load = new LoopLoad();
  #calls: Call[] = [];
  #scheduled = false;
  #closed: Error | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN");
    this.#commitAll = database.prepare("COMMIT");
  }

  ask<T>(statement: () => T): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      let answer: () => void = () => {};
      this.#calls.push({
        run() {
          const value = statement();
          answer = () => resolve(value);
        },
        resolve: () => answer(),
        reject,
      });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#take());
    });
  }

  /** Does what was asked for; later calls get `reason`. */
  close(reason: Error): void {
    this.#closed ??= reason;
    while (this.#calls.length > 0) this.#take();
  }

  #take(): void {
    this.#scheduled = false;
    const calls = this.#calls.splice(0, MAX_CALLS);
    if (this.#calls.length > 0) {
      this.#scheduled = true;
      setImmediate(() => this.#take());
    }
    if (calls.length > 0) this.#commit(calls);
  }

  #commit(calls: readonly Call[]): void {
    const done: Call[] = [];
    try {
      this.#begin.run();
      for (const call of calls) {
        try {
          call.run();
          done.push(call);
        } catch (error) {
          // Some failures (disk full, I/O) end the whole transaction: then nothing of it has happened.
          if (!this.#database.isTransaction) throw error;
          call.reject(error);
        }
      }
      this.#commitAll.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const call of calls) call.reject(error);
      return;
    }
    this.#answer(done);
  }

  #answer(calls: readonly Call[]): void {
    const now = this.#load.saturated ? calls.length : ANSWERED_AT_ONCE;
    for (const call of calls.slice(0, now)) call.resolve();
    if (calls.length > now) setImmediate(() => this.#answer(calls.slice(now)));
  }
}
