import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface ServiceProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Everything it wrote. */
  readonly output: () => string;
  readonly exited: () => boolean;
  readonly exitCode: () => number | null;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and gone when it resolves. */
  kill(): Promise<void>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

export interface StartOptions {
  readonly name: string;
  /** Relative to the workspace's root. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Resolves `startProcess` when a line of output matches. */
  readonly readyWhen: RegExp;
  readonly timeoutMs?: number;
}

/** Starts a program of the workspace as its own process and waits until it says that it is ready. */
export async function startProcess({ name, file, args = [], env, readyWhen, timeoutMs = 30_000 }: StartOptions): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ["-C", "openvibe-source", file, ...args], {
    cwd: ROOT,
    env: { ...baseEnv(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output += text;
      if (readyWhen.test(output)) ready.resolve();
    });
  }
  const ended = once(child, "exit").then(([code]) => code as number | null);
  void ended.then((code) => ready.reject(new Error(`${name} ended with ${code} before it was ready:\n${output}`)));
  const timer = setTimeout(() => ready.reject(new Error(`${name} was not ready after ${timeoutMs} ms:\n${output}`)), timeoutMs);
  try {
    await ready.promise;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return toServiceProcess(name, child, ended, () => output);
}

function toServiceProcess(name: string, child: ChildProcess, ended: Promise<number | null>, output: () => string): ServiceProcess {
  const exited = () => child.exitCode !== null || child.signalCode !== null;
  const kill = async () => {
    if (!exited()) child.kill("SIGKILL");
    await ended;
  };
  return {
    name,
    pid: child.pid ?? -1,
    output,
    exited,
    exitCode: () => child.exitCode,
    signal: (signal) => void child.kill(signal),
    kill,
    ended,
    [Symbol.asyncDispose]: kill,
  };
}

function baseEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !name.startsWith("OPENVIBE_") &&
      !["NATS_URL", "REDIS_URL", "DATABASE_URL", "ANTHROPIC_API_KEY", "NODE_OPTIONS"].includes(name) &&
      !name.startsWith("VITEST"),
  );
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])), NODE_ENV: "test" };
}
