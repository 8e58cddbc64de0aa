import type { Argument, Option } from "commander";
import type { CliCommand } from "./cli-command.ts";

/** What every command that speaks to a server has; told once. */
const OF_SERVERS = ["--url", "--api-key-file"];

/** The part of docs/commands.md that is made from the tree. */
export function renderCommands(commands: readonly CliCommand[]): string {
  return commands.map((command) => `${renderCommand(command)}\n`).join("\n");
}

function renderCommand(command: CliCommand): string {
  const own = command.options.filter(({ long }) => !OF_SERVERS.includes(long ?? ""));
  const rows = [...command.registeredArguments.map(argumentRow), ...own.map(optionRow)];
  if (own.length < command.options.length) rows.push(`| \`${OF_SERVERS.join("`, `")}\` | the server, as above |`);
  return [
    `### ${[command.path, ...command.registeredArguments.map(wordOf)].join(" ")}`,
    "",
    `${sentence(command.description())}`,
    "",
    "```sh",
    ...command.examples,
    "```",
    ...(rows.length === 0 ? [] : ["", "| | |", "| --- | --- |", ...rows]),
  ].join("\n");
}

function argumentRow(argument: Argument): string {
  return row(wordOf(argument), argument.description === "" ? `the ${argument.name()}'s id` : argument.description);
}

function optionRow({ flags, description, defaultValue }: Option): string {
  const fallback = defaultValue === undefined || defaultValue === true ? "" : ` (${String(defaultValue)})`;
  return row(flags, `${description}${fallback}`);
}

function row(left: string, right: string): string {
  return `| \`${left}\` | ${right.replaceAll("|", "\\|")} |`;
}

function wordOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
