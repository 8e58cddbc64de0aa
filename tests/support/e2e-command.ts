/** The `openvibe` command in processes of its own, as a person starts it. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ServiceProcess, startProcess } from "./process.ts";

const MAIN = "services/openvibe/src/cli/main.ts";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface ServerOptions {
  readonly command: "serve" | "dev";
  /** Operator files, relative to the workspace's root. */
  readonly files: readonly string[];
  /** Ids to serve; all that the files hold by default. */
  readonly operators?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Server extends ServiceProcess {
  readonly url: string;
}

/** Starts `openvibe serve` or `openvibe dev --no-watch` on a free port; resolves when it says where it listens. */
export async function startServer({ command, files, operators, env }: ServerOptions): Promise<Server> {
  const process = await startProcess({
    name: `openvibe ${command}`,
    file: MAIN,
    args: [
      command,
      ...files,
      ...(operators === undefined ? [] : ["--operators", operators.join(",")]),
      ...(command === "dev" ? ["--no-watch"] : []),
      "--port",
      "0",
    ],
    env,
    readyWhen: ANNOUNCED,
  });
  return { ...process, url: ANNOUNCED.exec(process.output())?.[1] ?? "" };
}

const ANNOUNCED = /^OpenVibe serves \S.* at (http:\/\/127\.0\.0\.1:\d+)$/m;

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever that is. */
export async function runCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const own = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", NODE_ENV: "test", ...env };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-C", "openvibe-source", MAIN, ...args], {
      cwd: ROOT,
      env: own,
      timeout: 30_000,
    });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { exitCode: typeof code === "number" ? code : -1, stdout, stderr };
  }
}
