#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { isOpenVibeError, messageOf } from "@openvibe/core";
import { Command, CommanderError, Option } from "commander";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { parseFile, parseList, parsePort, parseReplicas, parseRoles, parseServerUrl, parseTimeout } from "./flags.ts";

const LEAST_NODE = 24;
if (Number(process.versions.node.split(".")[0]) < LEAST_NODE) {
  process.stderr.write(`openvibe needs Node ${LEAST_NODE} or newer; this is ${process.versions.node}\n`);
  process.exit(ExitCode.Usage);
}

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const program = new Command("openvibe")
  .description("Typed, durable AI operators.")
  .version(version)
  .showHelpAfterError("(openvibe --help shows what there is)")
  .exitOverride()
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 the run or the operation failed, 2 what was typed is wrong, 3 the configuration or an operator is wrong,\n4 cannot connect, 5 not allowed, 6 not found, 7 had not ended in time, 130 interrupted",
  );

const port = () =>
  new Option("-p, --port <port>", "port to listen on (OPENVIBE_PORT, else 8000; 0 takes any free one)").argParser(parsePort);
const url = () => new Option("--url <url>", "the server (OPENVIBE_URL, else http://127.0.0.1:8000)").argParser(parseServerUrl);
const key = () => new Option("--api-key-file <file>", "file that holds the API key (else the variable OPENVIBE_API_KEY)");
/** By the environment, so that it reaches the process that `dev` starts as well. */
const config = () =>
  new Option("--config <file>", "the configuration (OPENVIBE_CONFIG, else ./openvibe.config.{ts,js,yaml})").argParser((file: string) => {
    process.env.OPENVIBE_CONFIG = file;
    return file;
  });
const json = (what = "one JSON document, for programs") => new Option("--json", what);
const lines = "one JSON document a line, for programs: the events, then the run";
const timeout = () =>
  new Option("-t, --timeout <duration>", "wait no longer than this, such as 90s or 5m; the run goes on").argParser(parseTimeout);

program
  .command("dev")
  .description("serve operators in this process, and again after each change of a file; nothing else is needed")
  .argument("[files...]", "operator files (OPENVIBE_OPERATOR_FILES, else ./operators/*/index.ts)", parseFile, [])
  .addOption(port())
  .addOption(config())
  .option("--no-watch", "do not start again when a file changes")
  .addHelpText("after", "\nExample:\n  openvibe dev hello.ts")
  .action(async (files: string[], options) => (await import("./dev.ts")).dev(files, options));

program
  .command("serve")
  .description("serve operators; finds other servers over NATS when NATS_URL and DATABASE_URL are set")
  .argument("[files...]", "operator files (OPENVIBE_OPERATOR_FILES, else ./operators/*/index.ts)", parseFile, [])
  .option("--operators <ids>", "only these, separated by commas (else OPENVIBE_OPERATORS, else all)", parseList)
  .option("--roles <roles>", "gateway, worker, event-relay, scheduler, separated by commas (else all)", parseRoles)
  .addOption(port())
  .addOption(config())
  .option("--host <host>", "address to listen on (127.0.0.1; any other needs OPENVIBE_API_KEYS)")
  .addHelpText(
    "after",
    "\nExample:\n  NATS_URL=nats://127.0.0.1:4222 DATABASE_URL=postgres://localhost/openvibe openvibe serve --operators content_engine,market_intel --port 8000",
  )
  .action(async (files: string[], options) => (await import("./serve.ts")).serveCommand(files, options));

const nats = program.command("nats").description("the broker's streams, buckets and consumers");
const replicas = () =>
  new Option("--replicas <n>", "copies of each stream (OPENVIBE_NATS_REPLICAS; 1, or 3 in a cluster)").argParser(parseReplicas);
const monitor = () =>
  new Option("--monitor <url>", "the nats-server's monitoring address, which tells how it writes to the disk").argParser(parseServerUrl);
const force = () => new Option("--force", "also take away where a stream has more than is declared: time, bytes, copies, subjects");
nats
  .command("plan")
  .description("show what apply would do at NATS_URL, and do nothing; the operators are those of the store at DATABASE_URL")
  .addOption(config())
  .addOption(replicas())
  .addOption(force())
  .option("--exit-code", "end with 1 when apply would change something")
  .addOption(json())
  .addHelpText("after", "\nEnds with 0, with 3 when apply would refuse.")
  .action(async (options) => (await import("./nats-plan.ts")).natsPlan(options));
nats
  .command("apply")
  .description("create or widen what OpenVibe needs on the broker at NATS_URL; what is there and larger stays so")
  .addOption(config())
  .addOption(replicas())
  .addOption(force())
  .addOption(json())
  .action(async (options) => (await import("./nats-apply.ts")).natsApply(options));
nats
  .command("doctor")
  .description("check the broker at NATS_URL: versions, limits, and every declared field by what the server echoes")
  .addOption(config())
  .addOption(replicas())
  .addOption(monitor())
  .addOption(json())
  .addHelpText("after", "\nEnds with 1 when it finds a fault; a warning is none.")
  .action(async (options) => (await import("./nats-doctor.ts")).natsDoctor(options));

const keys = program.command("keys").description("API keys");
keys
  .command("create")
  .description("make a key, and the entry that lets it in at a server; asks no server and keeps nothing")
  .requiredOption("--name <name>", "the caller's name; a new key under the same name is the same caller")
  .requiredOption("--scopes <scopes>", "read, run, admin, separated by commas", parseList)
  .option("--operators <ids>", "only these operators, separated by commas (else all)", parseList)
  .addOption(json())
  .addHelpText("after", "\nExample:\n  openvibe keys create --name ci --scopes read,run --operators hello")
  .action(async (options) => (await import("./keys.ts")).createKey(options));

program
  .command("doctor")
  .description("check whether serve would start here and keep its promises: configuration, store, broker, models, port; changes nothing")
  .argument("[files...]", "operator files (OPENVIBE_OPERATOR_FILES, else ./operators/*/index.ts)", parseFile, [])
  .addOption(config())
  .addOption(monitor())
  .addOption(json())
  .addHelpText("after", "\nEnds with 1 when it finds a fault; a warning is none.")
  .action(async (files: string[], options) => (await import("./doctor.ts")).doctor(files, options));

program
  .command("run")
  .description("activate a workflow")
  .argument("<operator>")
  .argument("<trigger>", "a trigger's or a workflow's id")
  .option("-i, --input <json>", "the input as JSON, or @file, or - for standard input", "{}")
  .option("-w, --wait", "show what happens until the run has ended")
  .addOption(timeout())
  .option("--idempotency-key <key>", "the same key again gives the same run")
  .addOption(url())
  .addOption(key())
  .addOption(json(`one JSON document, for programs; with --wait ${lines}`))
  .addHelpText("after", `\nExample:\n  openvibe run company_intel query --input '{"company_name":"Stripe"}' --wait`)
  .action(async (operator: string, trigger: string, options) => (await import("./run.ts")).run(operator, trigger, options));

const runs = program.command("runs").description("look at runs");
runs
  .command("ls")
  .description("newest first")
  .option("--operator <id>")
  .option("--workflow <id>")
  .option("--status <status>")
  .option("-n, --limit <n>", "how many", "20")
  .addOption(url())
  .addOption(key())
  .addOption(json())
  .action(async (options) => (await import("./runs.ts")).listRuns(options));
for (const [name, description] of [
  ["get", "one run"],
  ["watch", "show what happens until the run has ended"],
  ["cancel", "stop a run"],
] as const) {
  const command = runs.command(name).description(description).argument("<operator>").argument("<run_id>");
  if (name === "watch") command.addOption(timeout());
  command
    .addOption(url())
    .addOption(key())
    .addOption(name === "watch" ? json(lines) : json())
    .action(async (operator: string, runId: string, options) => (await import("./runs.ts")).oneRun(name, operator, runId, options));
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.Ok); // the reader, such as `head`, has seen enough
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  else {
    const details =
      isOpenVibeError(error) && error.errors.length > 1
        ? error.errors.map(({ pointer, detail }) => `  ${pointer}: ${detail}\n`).join("")
        : "";
    process.stderr.write(`openvibe: ${messageOf(error)}\n${details}`);
    process.exitCode = exitCodeOf(error);
  }
}
