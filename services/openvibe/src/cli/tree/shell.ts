import { Argument } from "commander";
import { oneOf, parseList } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";
import { jsonOption } from "./options.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What helps around it: keys for callers, completion for a shell. */
export function addShell(program: CliCommand): void {
  program
    .command("keys")
    .description("API keys")
    .example("openvibe keys create --name ci --scopes read,run")
    .command("create")
    .description("make a key, and the entry that lets it in at a server; asks no server and keeps nothing")
    .example("openvibe keys create --name ci --scopes read,run --operators hello")
    .requiredOption("--name <name>", "the caller's name; a new key under the same name is the same caller")
    .requiredOption("--scopes <scopes>", "read, run, admin, separated by commas", parseList)
    .option("--operators <ids>", "only these operators, separated by commas (else all)", parseList)
    .addOption(jsonOption())
    .action(async (options) => (await import("../keys.ts")).createKey(options));

  const shell = new Argument("<shell>", SHELLS.join(", ")).argParser(oneOf(SHELLS));
  shell.argChoices = [...SHELLS];
  program
    .command("completion")
    .description("a script that completes commands, options and their values in a shell")
    .example(
      'eval "$(openvibe completion bash)"',
      "openvibe completion zsh > ~/.zfunc/_openvibe",
      "openvibe completion fish > ~/.config/fish/completions/openvibe.fish",
    )
    .addArgument(shell)
    .action(async (name: Shell) => (await import("../completion.ts")).printCompletion(name, program));
}
