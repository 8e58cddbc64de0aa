import { isOpenVibeError, messageOf } from "@openvibe/core";
import { CommanderError } from "commander";
import { endWith } from "./end-with.ts";
import { ExitCode } from "./exit-code.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { nextStepOf } from "./next-step.ts";
import type { CliCommand } from "./tree/cli-command.ts";
import { createProgram } from "./tree/program.ts";

/** Does what was typed. Whatever goes wrong is told in one line on standard error, and by the exit code. */
export async function runProgram(typed: readonly string[], version: string): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(ExitCode.Ok); // the reader, such as `head`, has seen enough
      throw error;
    });
  }
  const program = createProgram(version);
  program.hook("preAction", (_program, command) => prepare(program, command as CliCommand));
  try {
    await program.parseAsync(typed, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
    else {
      process.exitCode = exitCodeOf(error);
      await endWith(process.stderr, `openvibe: ${messageOf(error)}${nextStepOf(error)}\n${placesOf(error)}`);
    }
  }
}

function prepare(program: CliCommand, command: CliCommand): void {
  const { color, quiet } = program.opts<{ color?: boolean; quiet?: boolean }>();
  command.setOptionValue("quiet", quiet === true);
  // By the environment, so that what we start (`dev` its server) hears of it as well.
  if (color === true) process.env.FORCE_COLOR = "1";
  if (color === false) {
    process.env.NO_COLOR = "1";
    delete process.env.FORCE_COLOR;
  }
  if (!command.drains) process.on("SIGINT", () => process.exit(ExitCode.Interrupted));
}

/** Where several places are wrong, each in a line of its own. */
function placesOf(error: unknown): string {
  if (!isOpenVibeError(error) || error.errors.length < 2) return "";
  return error.errors.map(({ pointer, detail }) => `  ${pointer === "" ? "" : `${pointer}: `}${detail}\n`).join("");
}
