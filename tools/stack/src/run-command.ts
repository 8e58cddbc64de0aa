import { execFile } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly timeoutMs?: number;
}

/** How a command ended. `failure` is one line for people, absent when it exited with 0. */
export interface CommandResult {
  readonly output: string;
  readonly failure?: string;
}

/** Runs a program to its end; that it fails or does not exist is a result, not an exception. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { timeoutMs = 10_000, ...rest } = options;
  return new Promise((resolve) => {
    execFile(file, args, { ...rest, timeout: timeoutMs, maxBuffer: 16 << 20, encoding: "utf8" }, (error, output, errors) => {
      if (error === null) return resolve({ output });
      const lastWords = errors.trim().split("\n").at(-1);
      const why = error.killed ? `took longer than ${timeoutMs} ms` : lastWords || error.message.split("\n").at(0);
      resolve({ output, failure: `${file} ${args.join(" ")}: ${why}` });
    });
  });
}
