import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

export const COMMAND = fileURLToPath(new URL("./cli/main.ts", import.meta.url));
export const HELLO = fileURLToPath(new URL("../../../operators/hello/index.ts", import.meta.url));
export const SMALL = fileURLToPath(new URL("./small-operator.fixture.ts", import.meta.url));
export const CLOCKED = fileURLToPath(new URL("./clocked-operator.fixture.ts", import.meta.url));

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** As in a terminal: one group of processes, that Ctrl-C reaches all at once. */
  readonly ownGroup?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface NodeProcess extends AsyncDisposable {
  readonly said: { out: string; err: string };
  readonly ended: Promise<Ended>;
  signal(name: NodeJS.Signals): void;
  /** To it and to what it started, when it has a group of its own. */
  signalGroup(name: NodeJS.Signals): void;
  /** Closes the reading end of its standard output, as `head` does. */
  closeOutput(): void;
  /** Waits until its output matches; gives the match. Fails when it ends before. */
  until(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
}

/** Starts Node with TypeScript of the workspace, and nothing of our own environment but PATH and what is given. */
export function startNode(args: readonly string[], { cwd, env = {}, stdin = "", ownGroup = false }: SpawnOptions = {}): NodeProcess {
  const child = spawn(process.execPath, ["-C", "openvibe-source", ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env.PATH ?? "", ...env },
    detached: ownGroup,
  });
  child.stdin.end(stdin);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  let over = false;
  const ended = once(child, "close").then(([code]) => {
    over = true;
    return { code: code as number | null, ...said };
  });
  return {
    said,
    ended,
    signal: (name) => void child.kill(name),
    signalGroup: (name) => void process.kill(-(child.pid ?? 0), name),
    closeOutput: () => void child.stdout.destroy(),
    until: (pattern, timeout = 15_000) =>
      vi.waitFor(
        () => {
          const match = pattern.exec(said.out) ?? pattern.exec(said.err);
          if (match !== null) return match;
          throw new Error(`${over ? "it ended" : "nothing"} before ${pattern}:\n${said.out}${said.err}`);
        },
        { timeout, interval: 20 },
      ),
    async [Symbol.asyncDispose]() {
      if (!over) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** `openvibe <args>`, to its end. */
export async function openvibe(args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return await startNode([COMMAND, ...args], options).ended;
}

/** `openvibe serve <args>`, up to the moment when it takes requests. */
export async function startServer(args: readonly string[], options: SpawnOptions = {}): Promise<NodeProcess & { readonly url: string }> {
  const server = startNode([COMMAND, "serve", "--port", "0", ...args], options);
  try {
    const [, url = ""] = await server.until(/ at (http:\/\/\S+)/);
    return Object.assign(server, { url });
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

export async function openFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "openvibe-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
