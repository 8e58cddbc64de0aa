/** A terminal with a shell in it, as a person has it, to type the documentation's commands into. */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { delimiter } from "node:path";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { until } from "./e2e-until.ts";

export interface Typed {
  readonly stdout: string;
  /** Standard output and errors, as the screen shows them. */
  readonly screen: string;
  readonly code: number;
}

export interface Terminal extends AsyncDisposable {
  /** Types a line and waits for its end. */
  type(line: string): Promise<Typed>;
  /** Types a line that goes on, and waits for the screen to show that it is ready. */
  start(line: string, ready: RegExp): Promise<void>;
  /** Runs a line while the started one goes on; gives its standard output. */
  aside(line: string): Promise<string>;
  /** Whether the line that was started still runs. */
  busy(): boolean;
  /** What Ctrl-C does to the started line; gives its exit code. */
  interrupt(): Promise<number>;
  /** The exit code of the started line, once it has ended by itself. */
  ended(): Promise<number>;
  /** All that was written, errors included, since the last line was typed. */
  screen(): string;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

const END = /\n\(line (\d+) ended with (\d+)\)\n/;
/** For a machine that does much else. */
const WITHIN_MS = 120_000;

/** Has nothing of the test's own environment but what a login gives. What npx has fetched once is not asked for again. */
export function openTerminal({ cwd, env = {} }: TerminalOptions): Terminal {
  const environment = { ...loginEnvironment(), npm_config_prefer_offline: "true", ...env };
  const shell = spawn("bash", [], { cwd, env: environment, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let screen = "";
  let number = 0;
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    screen += text;
  });
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
  });
  const put = (line: string) => {
    stdout = "";
    screen = "";
    number++;
    shell.stdin.write(`{ ${line}\n} </dev/null; printf '\\n(line %s ended with %s)\\n' ${number} $?\n`);
  };
  const end = () => {
    const found = END.exec(stdout);
    return found?.[1] === String(number) ? found : null;
  };
  const shows = async (what: string, look: () => boolean, withinMs = WITHIN_MS) =>
    await until(what, look, withinMs).catch((cause: unknown) => {
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)}; the screen shows:\n${screen}`, { cause });
    });
  const ended = async (line = "the line") => {
    await shows(`the end of ${line}`, () => end() !== null, 2 * WITHIN_MS);
    return Number(end()?.[2]);
  };
  return {
    async type(line) {
      put(line);
      const code = await ended(line);
      return { stdout: stdout.replace(END, ""), screen: screen.replace(END, ""), code };
    },
    async start(line, ready) {
      put(line);
      await shows(`${ready} after ${line}`, () => ready.test(screen) || end() !== null);
      if (!ready.test(screen)) throw new Error(`${line} ended before it showed ${ready}:\n${screen}`);
    },
    async aside(line) {
      return (await promisify(execFile)("bash", ["-c", line], { cwd, env: environment })).stdout;
    },
    busy: () => number > 0 && end() === null,
    async interrupt() {
      for (const pid of await descendantsOf(shell.pid)) signal(pid, "SIGINT");
      return await ended("the line that Ctrl-C interrupts");
    },
    ended: () => ended(),
    screen: () => screen.replace(END, ""),
    [Symbol.asyncDispose]: () => close(shell),
  };
}

/** Ends the shell and everything it started. */
async function close(shell: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const exited = once(shell, "exit");
  for (const pid of await descendantsOf(shell.pid)) signal(pid, "SIGKILL");
  shell.kill("SIGKILL");
  await exited;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}

/** Every process that came from this one: package managers give their scripts a process group of their own, so the group is not enough. */
async function descendantsOf(root: number | undefined): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found: number[] = [];
  for (let added: readonly number[] = root === undefined ? [] : [root]; added.length > 0; found.push(...added))
    added = [...parents].filter(([, parent]) => added.includes(parent)).map(([pid]) => pid);
  return found;
}

/** Without what a test runner and a package manager's script add, and without settings of ours, but for where tests get their servers. */
export function loginEnvironment(): Record<string, string> {
  const ours =
    /^(OPENVIBE_(?!TEST_)|VITEST|npm_|PNPM_)|^(NATS_URL|REDIS_URL|DATABASE_URL|ANTHROPIC_API_KEY|NODE_ENV|NODE_OPTIONS|NODE_PATH|INIT_CWD)$/;
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !ours.test(name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])), PATH: path.join(delimiter) };
}
