import { Option } from "commander";
import { CliCommand } from "./cli-command.ts";
import { addGround } from "./ground.ts";
import { addLooking } from "./looking.ts";
import { addRunning } from "./running.ts";
import { addSending } from "./sending.ts";
import { addServing } from "./serving.ts";
import { addShell } from "./shell.ts";

export const EXIT_CODES =
  "0 done, 1 the run or the operation failed, 2 what was typed is wrong, 3 the configuration or an operator is wrong,\n4 cannot connect, 5 not allowed, 6 not found, 7 had not ended in time, 130 interrupted";

/** All commands as data and text. What they do is loaded when one is called, so that help comes at once. */
export function createProgram(version: string): CliCommand {
  const program = new CliCommand("openvibe")
    .description("Typed, durable AI operators.")
    .example("openvibe init my-operators", "openvibe dev", "openvibe run hello greet --wait")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .configureHelp({ showGlobalOptions: true })
    .addOption(new Option("-q, --quiet", "say nothing but results and errors"))
    .addOption(new Option("--color", "use colours, also where no terminal is"))
    .addOption(new Option("--no-color", "use no colours (also NO_COLOR, and whatever is no terminal)"))
    .exitOverride()
    .addHelpText("after", `\nExit codes: ${EXIT_CODES}`);
  addServing(program);
  addRunning(program);
  addLooking(program);
  addSending(program);
  addGround(program);
  addShell(program);
  return program;
}
