import type { Part } from "../processes.ts";

export interface SystemRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** How a system is spoken to. */
export interface Dialect {
  toRequest(input: object): SystemRequest;
  /** The run's end state in an answer's body, or `undefined` when the run did not end well. */
  readOutput(body: unknown): unknown;
}

/** A system whose processes were just spawned; it need not answer yet. */
export interface StartedSystem extends Dialect, AsyncDisposable {
  readonly port: number;
  /** When its first process was spawned, on the clock of `performance.now()`. */
  readonly spawnedAt: number;
  readonly parts: readonly Part[];
  /** Throws when one of its processes has ended by itself. */
  check(): void;
  /** Lets its processes end in order. */
  stop(): Promise<void>;
  /** Runs in its store that ended well, and all. Only after `stop`. */
  countRuns(): Promise<{ readonly ended: number; readonly all: number }>;
}

export interface Surroundings {
  /** Empty. */
  readonly databaseUrl: string;
  readonly postgres: Part;
  /** Empty. */
  readonly folder: string;
  /** Extra arguments for every Node process. */
  readonly nodeArgs: readonly string[];
}

export interface SystemKind {
  readonly name: "handwritten" | "floor" | "embedded" | "mesh";
  readonly title: string;
  start(surroundings: Surroundings): Promise<StartedSystem>;
}

/** A body of `POST /runs` is the input, its answer the end state. */
export const PLAIN: Dialect = {
  toRequest: (input) => ({ path: "/runs", body: input }),
  readOutput: (body) => body,
};

export const OPENVIBE: Dialect = {
  toRequest: (input) => ({ path: "/v1/operators/w4/activate", headers: { prefer: "wait=30" }, body: { trigger: "w4", input } }),
  readOutput(body) {
    if (typeof body !== "object" || body === null || !("status" in body) || !("output" in body)) return undefined;
    return body.status === "completed" ? body.output : undefined;
  },
};
