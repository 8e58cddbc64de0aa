import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { tieProcess } from "@openvibe/stack";

/** A Node process of a system. Disposing kills it. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** SIGTERM; resolves when it is gone. @throws if it does not end by itself or ends with an error */
  stop(): Promise<void>;
  /** Throws with what it said when it ended by itself. */
  check(): void;
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const STOP_WITHIN_MS = 15_000;
const KEPT_OUTPUT = 4_000;

export interface ProgramOptions {
  /** Relative to the workspace. */
  readonly file: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export async function startProgram({ file, nodeArgs, env }: ProgramOptions): Promise<Program> {
  const child = spawn(process.execPath, ["-C", "openvibe-source", ...nodeArgs, file], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // Ctrl-C is for the benchmark: it ends them in order
  });
  const ended = once(child, "exit");
  ended.catch(() => {});
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  }
  await once(child, "spawn");
  const untie = tieProcess(child.pid ?? 0); // nothing outlives the benchmark, however that ends
  void ended.then(untie, () => {});
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  const how = () => `${file} ended with ${child.exitCode ?? child.signalCode}:\n${output}`;
  return {
    pid: child.pid ?? 0,
    check() {
      if (gone()) throw new Error(how());
    },
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      if (!gone()) await ended;
      clearTimeout(timer);
      if (child.exitCode !== 0) throw new Error(how());
    },
    async [Symbol.asyncDispose]() {
      if (gone()) return;
      child.kill("SIGKILL");
      await ended;
    },
  };
}
