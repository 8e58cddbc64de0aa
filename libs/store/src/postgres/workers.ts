import { Worker } from "node:worker_threads";
import { BEAT_EVERY_MS, type Logger, type OwnerId, STEADY_GAP_MS } from "@openvibe/core";
import type { WorkerStore } from "../workers.ts";
import type { BeatThreadData, BeatThreadSays } from "./beat-thread.ts";
import { NOW } from "./dialect.ts";
import { qualified } from "./names.ts";
import type { Patience } from "./patience.ts";
import { within } from "./within.ts";

// Beside this file, with its ending: .ts from source, .js when built.
const THREAD = new URL(`./beat-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
const FIRST_BEAT_WITHIN_MS = 30_000;
const END_WITHIN_MS = 3_000;
const BEGIN_AGAIN_AFTER_MS = 1_000;

export function createWorkerStore({ url, schema, patience }: { url: string; schema: string; patience: Patience }): WorkerStore {
  const table = qualified(schema, "workers");
  const beatSql = `INSERT INTO ${table} AS mine (owner, beat_at, steady_since) VALUES ($1, ${NOW}, ${NOW})
    ON CONFLICT (owner) DO UPDATE SET beat_at = excluded.beat_at,
      steady_since = CASE WHEN excluded.beat_at - mine.beat_at > ${STEADY_GAP_MS} THEN excluded.beat_at ELSE mine.steady_since END`;
  const endSql = `DELETE FROM ${table} WHERE owner = $1`;

  return {
    async beat({ owner, logger, maxBlockedMs = 60_000 }) {
      const alive = new Int32Array(new SharedArrayBuffer(4));
      const raise = setInterval(() => Atomics.add(alive, 0, 1), Math.min(BEAT_EVERY_MS, maxBlockedMs) / 4).unref();
      const beat = new Beat({ url, owner, beatSql, endSql, beatEveryMs: BEAT_EVERY_MS, maxBlockedMs, alive }, logger);
      const end = async () => {
        await beat.end();
        clearInterval(raise);
      };
      if ((await within(FIRST_BEAT_WITHIN_MS, beat.first)) === "late") {
        await end();
        throw patience.unavailable(beat.lastError);
      }
      return { [Symbol.asyncDispose]: end };
    },
  };
}

/** The thread of one owner, begun again when it ends by itself. */
class Beat {
  readonly first: Promise<void>;
  lastError: unknown = new Error("the first beat did not come");
  readonly #data: BeatThreadData;
  readonly #logger: Logger;
  readonly #beaten: () => void;
  #thread: Worker;
  #failing = false;
  #ending: Promise<void> | undefined;

  constructor(data: BeatThreadData, logger: Logger) {
    this.#data = data;
    this.#logger = logger;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.first = promise;
    this.#beaten = resolve;
    this.#thread = this.#begin();
  }

  end(): Promise<void> {
    this.#ending ??= this.#stop();
    return this.#ending;
  }

  #begin(): Worker {
    // Not the process' own flags: the thread needs none, and some (such as --input-type) would keep it from starting.
    const thread = new Worker(THREAD, { workerData: this.#data, name: "openvibe-beat", execArgv: [] });
    thread.unref();
    thread.on("message", (message: BeatThreadSays) => this.#hear(message));
    thread.on("error", (error) => {
      this.lastError = error;
      this.#logger.error({ owner: this.#data.owner, error }, "the beat's thread failed");
    });
    thread.on("exit", () => {
      if (this.#ending !== undefined) return;
      setTimeout(() => {
        if (this.#ending === undefined) this.#thread = this.#begin();
      }, BEGIN_AGAIN_AFTER_MS).unref();
    });
    return thread;
  }

  #hear(message: BeatThreadSays): void {
    const owner: OwnerId = this.#data.owner;
    if (message.says === "beaten") {
      if (this.#failing) this.#logger.info({ owner }, "the beat reaches Postgres again");
      this.#failing = false;
      this.#beaten();
    } else if (message.says === "failed") {
      this.lastError = new Error(message.error);
      if (!this.#failing) this.#logger.warn({ owner, error: message.error }, "the beat does not reach Postgres");
      this.#failing = true;
    }
  }

  async #stop(): Promise<void> {
    if (this.#thread.threadId < 0) return; // it has ended by itself
    const exited = new Promise<void>((resolve) => this.#thread.once("exit", () => resolve()));
    this.#thread.ref(); // the process stays for the goodbye
    this.#thread.postMessage("end");
    if ((await within(END_WITHIN_MS, exited)) === "late") await this.#thread.terminate();
  }
}
