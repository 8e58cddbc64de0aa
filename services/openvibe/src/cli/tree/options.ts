/** Options that several commands have, worded once. */
import { RUN_STATUSES } from "@openvibe/core";
import { Option } from "commander";
import { oneOf, parseLimit, parsePort, parseServerUrl, parseTimeout } from "../flags.ts";
import type { CliCommand } from "./cli-command.ts";

export const LINES = "one JSON document a line, for programs: the events, then the run";

export const portOption = () =>
  new Option("-p, --port <port>", "port to listen on (OPENVIBE_PORT, else 8000; 0 takes any free one)").argParser(parsePort);

/** By the environment, so that it reaches the process that `dev` starts as well. */
export const configOption = () =>
  new Option("--config <file>", "the configuration (OPENVIBE_CONFIG, else ./openvibe.config.{ts,js,yaml})").argParser((file: string) => {
    process.env.OPENVIBE_CONFIG = file;
    return file;
  });

export const jsonOption = (what = "one JSON document, for programs") => new Option("--json", what);

export const timeoutOption = (what = "wait no longer than this, such as 90s or 5m; the run goes on") =>
  new Option("-t, --timeout <duration>", what).argParser(parseTimeout);

export const operatorOption = (what: string) => new Option("--operator <id>", `only ${what} of this operator`);

export const limitOption = (what: string) =>
  new Option("-n, --limit <n>", `how many ${what}, 1 to 200`).default("20").argParser(parseLimit);

export const cursorOption = () => new Option("--cursor <cursor>", "go on where the page before ended: its next_cursor");

/** An option or argument that takes one of few values: wrong ones are refused with the nearest. */
function choice(flags: string, what: string, values: readonly string[]): Option {
  const option = new Option(flags, `${what}: ${values.join(", ")}`).argParser(oneOf(values));
  option.argChoices = [...values];
  return option;
}

export const statusOption = () => choice("--status <status>", "only runs with this status", RUN_STATUSES);

export const formatOption = () => choice("--format <format>", "how it is drawn", ["text", "mermaid", "svg"]).default("text");

/** A command that speaks to a server, and prints what it answers. */
export function speaksToServer(command: CliCommand, json = jsonOption()): CliCommand {
  return command
    .addOption(new Option("--url <url>", "the server (OPENVIBE_URL, else http://127.0.0.1:8000)").argParser(parseServerUrl))
    .addOption(new Option("--api-key-file <file>", "file that holds the API key (else the variable OPENVIBE_API_KEY)"))
    .addOption(json);
}
