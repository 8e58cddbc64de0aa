import { setTimeout as sleep } from "node:timers/promises";

/** What `stack up` writes down so that `stack down` can end a server that outlived the command. */
export type KeptUnit =
  | {
      readonly type: "process";
      readonly pid: number;
      readonly bornAt: string;
      readonly stopSignal: NodeJS.Signals;
      readonly folder: string;
    }
  | { readonly type: "container"; readonly id: string; readonly networkId?: string };

/** What `stack up` can leave running. */
export interface Keepable {
  keep(): Promise<readonly KeptUnit[]>;
}

/** One server under our hand, as a process or a container: its ports and its data stay the same over all its starts. */
export interface Unit {
  /** Absent while it does not run, and for containers. */
  readonly pid: number | undefined;
  /** Resolves once it was launched; whether it answers is another question (`untilReady`). */
  launch(): Promise<void>;
  isRunning(): Promise<boolean>;
  /** The last lines it wrote since it was launched. */
  lastWords(): Promise<string>;
  /** Sends the signal and resolves when it is gone; after `graceMs` it gets SIGKILL. */
  end(signal: NodeJS.Signals, graceMs?: number): Promise<void>;
  /** Ends it and removes its data. Twice is fine. */
  remove(): Promise<void>;
  /** Lets it outlive this process. */
  keep(): Promise<KeptUnit>;
}

/** A server that did not come up. `portTaken` says that another port may help. */
class ServerStartError extends Error {
  override readonly name = "ServerStartError";
  readonly portTaken: boolean;

  constructor(message: string, { portTaken, cause }: { portTaken: boolean; cause?: unknown }) {
    super(message, { cause });
    this.portTaken = portTaken;
  }
}

// nats-server, Postgres and Docker say it in these words.
const PORT_TAKEN = /address already in use|port is already allocated/i;
const READY_WITHIN_MS = 60_000;
const PORT_FREE_WITHIN_MS = 5_000;

/** Launches it and asks `probe` until that does not throw; gives what the probe gave. @throws ServerStartError */
export async function startUnit<T>(unit: Unit, name: string, probe: () => Promise<T>): Promise<T> {
  try {
    await unit.launch();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new ServerStartError(`${name} cannot be launched: ${text}`, { portTaken: PORT_TAKEN.test(text), cause });
  }
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return await probe();
    } catch (cause) {
      const ended = !(await unit.isRunning());
      if (ended || performance.now() > deadline) {
        const words = await unit.lastWords();
        const what = ended ? "ended while starting" : `did not answer within ${READY_WITHIN_MS} ms`;
        throw new ServerStartError(`${name} ${what}: ${words || String(cause)}`, { portTaken: PORT_TAKEN.test(words), cause });
      }
    }
    await sleep(20);
  }
}

/** Like `startUnit`, for a server that must have its old port again: waits a while for whoever borrowed it. */
export async function restartUnit<T>(unit: Unit, name: string, probe: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PORT_FREE_WITHIN_MS;
  for (;;) {
    try {
      return await startUnit(unit, name, probe);
    } catch (error) {
      if (!(error instanceof ServerStartError && error.portTaken) || performance.now() > deadline) throw error;
    }
    await sleep(100);
  }
}

/** Starts something that draws free ports, again with other ones when somebody was faster. */
export async function withFreshPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof ServerStartError && error.portTaken) || attempt === 5) throw error;
    }
  }
}
