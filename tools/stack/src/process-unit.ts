import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProcess } from "./process-identity.ts";
import { Tether } from "./tether.ts";
import type { KeptUnit, Unit } from "./unit.ts";

const FOLDER_PREFIX = "openvibe-stack-";

/** The account a server runs under, when not ours. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface ProcessUnitOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** From `createServerFolder`; the server runs in it, its output goes to `server.log` there. */
  readonly folder: string;
  /** Ends the server quickly without leaving anything behind: for clean-ups, when its data is not wanted any more. */
  readonly stopSignal: NodeJS.Signals;
  readonly account?: Account;
}

/** Makes an empty folder in the system's temporary one, owned by the account. */
export async function createServerFolder(kind: string, account?: Account): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${kind}-`));
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  return folder;
}

/** Removes a folder that `createServerFolder` made, with all it holds. */
export async function removeServerFolder(folder: string): Promise<void> {
  if (!isServerFolder(folder)) throw new Error(`${folder} is none of the folders this tool makes, so it is not removed`);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Says whether a folder (read from a file, say) looks like one of ours, before it is removed with all it holds. */
export function isServerFolder(folder: string): boolean {
  return folder.startsWith(join(tmpdir(), FOLDER_PREFIX)) && !folder.includes("..");
}

/** A server as a child process, tied to our life until `keep`. */
export class ProcessUnit implements Unit {
  readonly #options: ProcessUnitOptions;
  readonly #tether: Tether;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #logStart = 0;

  constructor(options: ProcessUnitOptions) {
    this.#options = options;
    this.#tether = new Tether({ folder: options.folder, signal: options.stopSignal });
  }

  get pid(): number | undefined {
    return this.#runningChild()?.pid;
  }

  async launch(): Promise<void> {
    if (this.#runningChild() !== undefined) return;
    const { file, args, folder, account } = this.#options;
    const log = await open(this.#logFile, "a");
    try {
      this.#logStart = (await log.stat()).size;
      const child = spawn(file, args, {
        cwd: folder,
        detached: true, // Ctrl-C in a terminal is for us; the server ends when we end it
        env: { PATH: process.env.PATH, TZ: "UTC" }, // no PGPORT, PGDATA and the like
        stdio: ["ignore", log.fd, log.fd],
        ...account,
      });
      this.#exited = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
      const identity = child.pid === undefined ? undefined : findProcess(child.pid);
      if (identity !== undefined) this.#tether.hold(identity);
      if (child.pid === undefined) await once(child, "spawn"); // throws why there is no process
      this.#child = child;
      child.unref();
    } finally {
      await log.close();
    }
  }

  async isRunning(): Promise<boolean> {
    return this.#runningChild() !== undefined;
  }

  async lastWords(): Promise<string> {
    const log = await readFile(this.#logFile);
    return log.subarray(this.#logStart).toString("utf8").trim().split("\n").slice(-8).join(" | ");
  }

  async end(signal: NodeJS.Signals, graceMs = 10_000): Promise<void> {
    const child = this.#runningChild();
    if (child === undefined) return;
    child.ref();
    child.kill(signal);
    const impatience = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await this.#exited;
    clearTimeout(impatience);
  }

  async remove(): Promise<void> {
    await this.end(this.#options.stopSignal);
    await this.#tether.release();
    await removeServerFolder(this.#options.folder);
  }

  async keep(): Promise<KeptUnit> {
    const pid = this.pid;
    const identity = pid === undefined ? undefined : findProcess(pid);
    if (identity === undefined) throw new Error(`${this.#options.file} does not run, so it cannot be kept`);
    await this.#tether.release();
    const { stopSignal, folder } = this.#options;
    return { type: "process", ...identity, stopSignal, folder };
  }

  get #logFile(): string {
    return join(this.#options.folder, "server.log");
  }

  #runningChild(): ChildProcess | undefined {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null ? child : undefined;
  }
}
